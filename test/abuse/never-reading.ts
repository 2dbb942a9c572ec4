import assert from "node:assert/strict";
import { type AgencyId, type Bet, WINNING_NUMBER_DEFAULT } from "../../src/lottery/bet.ts";
import { encodeQuestion } from "../../src/protocols/dialects/colon-lines/encode.ts";
import { encodeAgency as encodeMd5Frames } from "../../src/protocols/dialects/md5-frames/encode.ts";
import { encodeClient } from "../../src/protocols/dialects/native/encode.ts";
import { PREFACE } from "../../src/protocols/dialects/native/wire.ts";
import { encodeAgency as encodeTlv } from "../../src/protocols/dialects/tlv/encode.ts";
import type { Books } from "./books.ts";
import type { CentralProcess } from "./central-process.ts";
import { type AnswerSize, dialogue } from "./dialogue.ts";
import { inParallel } from "./in-parallel.ts";
import { playSteps } from "./play-dialogue.ts";
import { readMemory } from "./process-readings.ts";
import { RawPeer } from "./raw-peer.ts";

/** A message that can be sent again and again, and whose answer is longer than the message. */
export interface Flood {
  readonly dialect: string;
  /** What has to be sent first; it gets an answer. */
  readonly greeting: Buffer;
  readonly message: Buffer;
}

/** Of any frame of native. */
const WELCOME_SIZE: AnswerSize = (received) =>
  received.length < 4 ? undefined : 4 + received.readUInt32BE();

export interface NeverReading {
  /** What the central has taken from all of them together. */
  readonly takenBytes: number;
  /** The most memory that it ever had. */
  readonly peakBytes: number;
}

/** Size of one write. */
const WRITE_BYTES = 64 * 1024;
/** More than fits into a network: a central that has taken this much from one peer has no limit. */
const TAKEN_BYTES_MAX = 256 * 1024 * 1024;

/**
 * Peers send the same message again and again and never read an answer, until the central ends each
 * of them.
 */
export async function playNeverReading(
  central: CentralProcess,
  floods: readonly Flood[],
): Promise<NeverReading> {
  // All get their greeting before the first one begins, because the central has no time for
  // greetings then.
  const ready: { peer: RawPeer; flood: Flood }[] = [];
  for (const flood of floods) {
    const peer = await RawPeer.connect(central);
    if (flood.greeting.length > 0) {
      peer.say(flood.greeting);
      await peer.hear(WELCOME_SIZE);
    }
    peer.deafen();
    ready.push({ peer, flood });
  }
  let takenBytes = 0;
  await inParallel(ready, ready.length, async ({ peer, flood: { dialect, message } }) => {
    const said = Buffer.alloc(Math.ceil(WRITE_BYTES / message.length) * message.length, message);
    let written = 0;
    for (; await peer.sayThrough(said); written += said.length) {
      assert.ok(written < TAKEN_BYTES_MAX, `${dialect}: is listened to for ever`);
    }
    takenBytes += written;
    await peer.closed;
  });
  return { takenBytes, peakBytes: readMemory(central.pid).rssPeakBytes };
}

/**
 * Floods while the draw is open, each of another agency. fixed70 is missing: it answers only bets
 * that were stored.
 */
export function openFloods(books: Books): Flood[] {
  const none = Buffer.alloc(0);
  const unknown = 0xffff_ffff;
  return [
    rejectedBatches(books),
    { dialect: "native", greeting: greetingOf(books.newAgency()), message: ping },
    { dialect: "colon-lines", greeting: none, message: encodeQuestion(books.newAgency()) },
    { dialect: "tlv", greeting: none, message: encodeTlv({ kind: "batch", bets: [] }) },
    {
      dialect: "md5-frames",
      greeting: none,
      message: encodeMd5Frames({ kind: "question", agency: unknown }),
    },
    { dialect: "newline-fields", greeting: none, message: Buffer.from("BET\n\n") },
  ];
}

/** The flood with the longest answers for the least work. */
export function rejectedBatches(books: Books): Flood {
  const lines = Buffer.from("?\r\n");
  return {
    dialect: "native",
    greeting: greetingOf(books.newAgency()),
    message: encodeClient({ kind: "batch", sequence: 1, count: 1, lines }),
  };
}

/** Floods after the draw: few bytes ask for all winners. The other dialects send them only once. */
export function drawnFloods(agency: AgencyId, times: number): Flood[] {
  const none = Buffer.alloc(0);
  const many = Array.from({ length: times }, (): Flood[] => [
    { dialect: "tlv", greeting: none, message: encodeTlv({ kind: "question", agency }) },
    {
      dialect: "md5-frames",
      greeting: none,
      message: encodeMd5Frames({ kind: "question", agency }),
    },
  ]).flat();
  // A second connection of the same agency would end the first.
  return [{ dialect: "colon-lines", greeting: none, message: encodeQuestion(agency) }, ...many];
}

const ping = encodeClient({ kind: "ping", token: 7 });

function greetingOf(agency: AgencyId): Buffer {
  const hello = encodeClient({ kind: "hello", agency, draw: "", credentials: Buffer.alloc(0) });
  return Buffer.concat([PREFACE, hello]);
}

const BATCH_BETS = 50;

/**
 * Lets the only agency of a central win with every bet, so that its winners are a long answer.
 *
 * @returns the agency, which can ask for them from now on
 */
export async function drawWinners(
  { port }: CentralProcess,
  books: Books,
  winners: number,
): Promise<AgencyId> {
  const batches = Array<number>(winners / BATCH_BETS).fill(BATCH_BETS);
  const spoken = dialogue("native", books, batches, winning);
  const peer = await RawPeer.connect({ port });
  await playSteps(peer, spoken, spoken.steps.length);
  await peer.hear(spoken.answerSize);
  peer.reset();
  return spoken.agency;
}

function winning(): Partial<Bet> {
  return { number: WINNING_NUMBER_DEFAULT };
}

/** The agency asks for its winners in the normal way, and reads them. @returns how many it gets */
export async function askWinners({ port }: CentralProcess, agency: AgencyId): Promise<number> {
  const peer = await RawPeer.connect({ port });
  peer.say(encodeTlv({ kind: "question", agency }));
  const answer = await peer.hear((received) =>
    received.length < 5 ? undefined : 5 + received.readUInt32BE(1),
  );
  peer.reset();
  return answer.subarray(5).toString("latin1").split("#").length - 1;
}
