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

/** Something that can be said again and again, and is answered with more than it takes to say. */
export interface Flood {
  readonly dialect: string;
  /** What has to be said first, and is answered. */
  readonly greeting: Buffer;
  readonly message: Buffer;
}

/** Of any frame of native. */
const WELCOME_SIZE: AnswerSize = (received) =>
  received.length < 4 ? undefined : 4 + received.readUInt32BE();

export interface NeverReading {
  /** What the central has taken in, of all of them. */
  readonly takenBytes: number;
  /** The most memory that it ever had. */
  readonly peakBytes: number;
}

/** What is written at a time. */
const WRITE_BYTES = 64 * 1024;
/** More than a network holds on its way: who has taken this much from one peer will take anything. */
const TAKEN_BYTES_MAX = 256 * 1024 * 1024;

/**
 * Peers that say the same thing again and again and never read an answer, until the central has enough
 * of each of them.
 */
export async function playNeverReading(
  central: CentralProcess,
  floods: readonly Flood[],
): Promise<NeverReading> {
  // All are greeted before the first one begins: the central has no time for greetings then.
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
 * While the draw is open; each of an agency of its own. fixed70 is missing: it has no answer but to
 * bets that were stored.
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

/** The one that makes a central the least work: its answers are the longest. */
export function rejectedBatches(books: Books): Flood {
  const lines = Buffer.from("?\r\n");
  return {
    dialect: "native",
    greeting: greetingOf(books.newAgency()),
    message: encodeClient({ kind: "batch", sequence: 1, count: 1, lines }),
  };
}

/** After the draw: few bytes ask for all winners. The other dialects tell them once. */
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
  // A second one of the same agency would end the first.
  return [{ dialect: "colon-lines", greeting: none, message: encodeQuestion(agency) }, ...many];
}

const ping = encodeClient({ kind: "ping", token: 7 });

function greetingOf(agency: AgencyId): Buffer {
  const hello = encodeClient({ kind: "hello", agency, draw: "", credentials: Buffer.alloc(0) });
  return Buffer.concat([PREFACE, hello]);
}

const BATCH_BETS = 50;

/**
 * Has the only agency of a central win with every bet, so that its winners are a long answer.
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

/** The agency asks for its winners as it should, and reads them. @returns how many it is told */
export async function askWinners({ port }: CentralProcess, agency: AgencyId): Promise<number> {
  const peer = await RawPeer.connect({ port });
  peer.say(encodeTlv({ kind: "question", agency }));
  const answer = await peer.hear((received) =>
    received.length < 5 ? undefined : 5 + received.readUInt32BE(1),
  );
  peer.reset();
  return answer.subarray(5).toString("latin1").split("#").length - 1;
}
