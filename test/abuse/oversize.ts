import assert from "node:assert/strict";
import type { AgencyId, Bet } from "../../src/lottery/bet.ts";
import { Books, type SentBatch } from "./books.ts";
import type { CentralProcess } from "./central-process.ts";
import { type Dialogue, dialogueOf, SPOKEN } from "./dialogue.ts";
import { playSteps } from "./play-dialogue.ts";
import { RawPeer } from "./raw-peer.ts";

/** What a central allows unless it is configured otherwise: docs/configuration.md. */
const NATIVE_BYTES_MAX = 8192;
const COURSE_BYTES_MAX = 131_072;

/**
 * In every dialect: the central takes the largest message that is allowed. It does not take the
 * next larger one, one whose length field is larger still, or one that never ends.
 *
 * @returns batches that were too large
 */
export async function playOversize(
  central: CentralProcess,
  books: Books,
): Promise<readonly SentBatch[]> {
  const tooLarge: SentBatch[] = [];
  for (const dialect of SPOKEN) {
    const max = dialect === "native" ? NATIVE_BYTES_MAX : COURSE_BYTES_MAX;

    const largest = dialogueOfSize(dialect, books, max, "fits");
    const peer = await RawPeer.connect(central);
    await playSteps(peer, largest, batchAt(largest) + 1);
    peer.reset();

    const larger = dialogueOfSize(dialect, books, max + 1, "exceeds");
    for (const { batch } of larger.steps) if (batch !== undefined) tooLarge.push(batch);
    await playTooLarge(central.port, larger);
  }
  for (const bytes of ENDLESS) await playEndless(central.port, bytes);
  return tooLarge;
}

/** Sends everything up to the batch, and the batch; the answer does not confirm it. */
async function playTooLarge(port: number, spoken: Dialogue): Promise<void> {
  const at = batchAt(spoken);
  const peer = await RawPeer.connect({ port });
  await playSteps(peer, spoken, at);
  peer.say(spoken.steps[at]?.bytes ?? Buffer.alloc(0));
  await peer.untilEnded();
  const answer = peer.takeAnswer(spoken.answerSize);
  assert.ok(answer === undefined || !spoken.confirms(answer), `${spoken.dialect} takes it`);
  peer.reset();
}

/** Sends it again and again until the central ends the connection. */
async function playEndless(port: number, { begin, more }: Endless): Promise<void> {
  const peer = await RawPeer.connect({ port });
  peer.say(begin);
  const bytes = Buffer.alloc(MORE_BYTES, more);
  let said = 0;
  for (; !peer.ended && (await peer.sayThrough(bytes)); said += MORE_BYTES) {
    assert.ok(said < ENDLESS_BYTES_MAX, `${begin.toString("latin1")} is listened to for ever`);
  }
  peer.reset();
}

interface Endless {
  readonly begin: Buffer;
  /** What follows for ever. */
  readonly more: string;
}

const MORE_BYTES = 16 * 1024;
/** More than fits into a network on the way to a reader that does not read. */
const ENDLESS_BYTES_MAX = 256 * 1024 * 1024;

/** Messages whose length field is far too large, or that have no end. */
const ENDLESS: readonly Endless[] = [
  { begin: Buffer.from("QNL1\x7f\xff\xff\xff\x01", "latin1"), more: "A" },
  { begin: Buffer.from("QNL1\xff\xff\xff\xff\x01", "latin1"), more: "A" },
  // A hello of agency 101, and a count of bets.
  { begin: Buffer.from("\0\0\0\x65\xff\xff\xff\xff\0\0\0\x65", "latin1"), more: "A" },
  { begin: Buffer.from("\0\0\0\x65\x7f\xff\xff\xff\0\0\0\x65", "latin1"), more: "A" },
  { begin: Buffer.from("101:4:"), more: "A" },
  { begin: Buffer.from("1"), more: "1" },
  { begin: Buffer.from("\x03\x7f\xff\xff\xff1#@0#", "latin1"), more: "A" },
  { begin: Buffer.from("\x03\xff\xff\xff\xff1#@0#", "latin1"), more: "A" },
  { begin: Buffer.from("\x7f\xff\xff\xff\0\x03", "latin1"), more: "A" },
  { begin: Buffer.from("\xff\xff\xff\xff\0\x03", "latin1"), more: "A" },
  { begin: Buffer.from("BET\n"), more: "A" },
  { begin: Buffer.from("BET\n"), more: "A\n" },
  { begin: Buffer.from("[CLIENT "), more: "A" },
  { begin: Buffer.from("no dialect at all"), more: "A" },
];

function batchAt({ steps }: Dialogue): number {
  return steps.findIndex(({ batch }) => batch !== undefined);
}

const RECORD_BYTES = 70;
const COUNT_BYTES = 4;
/** More than a bet without names takes, less than one with the longest. */
const BET_BYTES_MEAN = 400;

/**
 * A conversation whose first batch has so many bytes on the wire. If a dialect has no batch of
 * exactly that size, the next smaller one, or the next larger one.
 */
function dialogueOfSize(
  dialect: string,
  books: Books,
  bytes: number,
  otherwise: "fits" | "exceeds",
): Dialogue {
  const agency = books.newAgency();
  if (dialect === "fixed70") {
    const records = (bytes - COUNT_BYTES) / RECORD_BYTES;
    const bets = otherwise === "fits" ? Math.floor(records) : Math.ceil(records);
    return dialogueOf(dialect, books, agency, [books.batch(agency, bets)]);
  }
  const bets = Math.ceil(bytes / BET_BYTES_MEAN);
  const padding = bytes - shortest(dialect, agency, bets);
  const batch = books.batch(agency, bets, (index) => names(padding, index));
  const made = dialogueOf(dialect, books, agency, [batch]);
  assert.equal(made.steps[batchAt(made)]?.bytes.length, bytes, dialect);
  return made;
}

/** Size of so many bets with names of one letter, in bytes. */
function shortest(dialect: string, agency: AgencyId, bets: number): number {
  const scratch = new Books();
  const batch = scratch.batch(agency, bets, (index) => names(0, index));
  const made = dialogueOf(dialect, scratch, agency, [batch]);
  return made.steps[batchAt(made)]?.bytes.length ?? 0;
}

/** Letters that a name can have beyond its first. */
const NAME_ROOM = 254;

/** Fills one name after the other. */
function names(padding: number, index: number): Pick<Bet, "firstName" | "lastName"> {
  const left = Math.max(0, padding - index * 2 * NAME_ROOM);
  const first = Math.min(left, NAME_ROOM);
  const last = Math.min(left - first, NAME_ROOM);
  return { firstName: "A".repeat(1 + first), lastName: "B".repeat(1 + last) };
}
