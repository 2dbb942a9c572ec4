import type * as fc from "fast-check";
import type { Bet } from "../../src/lottery/bet.ts";
import type { AgencyDialer } from "../../src/protocols/agency-link.ts";
import type { Decoder } from "../../src/protocols/codec.ts";
import type { Dialect } from "../../src/protocols/dialect.ts";
import type { ProtocolErrorCode } from "../../src/protocols/protocol-error.ts";
import type { StartTimer } from "../../src/protocols/timers.ts";
import type { Winners } from "../../src/store/bet-store.ts";
import type { Seen } from "./seen.ts";

/**
 * How a dialect is spoken: all that the tests in `all/`, which hold for every dialect, must know of one.
 * Each has its own in `dialects/<name>/spoken.ts`, and a line in `all/spoken.ts`.
 */
export interface Spoken {
  readonly dialect: Dialect;
  /**
   * How connections begin, by the version and what is sent: whole messages, to which an answer is awaited.
   * Written from the course's programs, not by our encoders.
   */
  readonly openings: Readonly<Record<string, Buffer>>;
  /** How bets are sent in it; the reason in words where it takes none. */
  readonly bets: SpokenBets | string;
}

export interface SpokenBets {
  /** The agency's side with a timer of the test's, by version: "" for the final one, which comes first. */
  readonly dialers: Readonly<Record<string, (timer: StartTimer) => AgencyDialer>>;
  readonly decoders: readonly DecoderCase[];
  /** The largest number of an agency, where there is not room for all. */
  readonly agencyMax?: number;
  /** Valid bets that fit, where to filter them out of any takes long. */
  readonly anyBet?: fc.Arbitrary<Bet>;
  /** Bets that our central would take, and the course's own server would not. */
  readonly harmsOthers?: (bet: Bet) => boolean;
  /** Whose fields have marks of this dialect or of others: they arrive as they are. */
  readonly oddBets: readonly Partial<Bet>[];
  /** What agency 1, or another, says on one connection. @param version as in `dialers` [the final one] */
  readonly speak: (agency?: number, version?: string) => Speaker;
  /**
   * What the central's writes say, in words: `yes` (stored, or recorded), `no`, `not yet`, the documents of
   * winners as `won 1 2`, or an error's code. Greetings say nothing.
   */
  readonly understand: (answers: readonly Buffer[]) => string[];
  readonly manners: Manners;
  /** Batches that are refused, whole. */
  readonly refused: readonly RefusedBatch[];
  /** What breaks the rules of the dialect, behind the greeting. */
  readonly violations: readonly Violation[];
  /** Any answers of the central, and what the agency's decoder makes of them. */
  readonly answers: fc.Arbitrary<Answered>;
  /** A decoder of answers that is told what comes, one after the other, where the bytes do not tell. */
  readonly expecting?: (told: readonly string[]) => Decoder<object>;
  /** Bytes that look like the dialect's, or nearly. */
  readonly noise: fc.Arbitrary<Buffer>;
  /** Winners in an answer: all at once, and a block at a time. */
  readonly winners?: {
    readonly whole: (bets: readonly Bet[]) => Buffer;
    readonly pieces: (winners: Winners) => AsyncIterable<Uint8Array>;
  };
  /**
   * How many bets may be stored of a batch of five with a few bytes that are others now.
   * @param batch as the central gets it
   * @returns [none or five]
   */
  readonly storedOfSpoiled?: (batch: Buffer) => readonly number[];
  /** What does not hold for this dialect, and why. */
  readonly lacks: Readonly<Partial<Record<Behaviour, string>>>;
}

/** What a dialect may lack: the tests of it are left out where the dialect gives a reason. */
export const BEHAVIOURS = {
  done: "an agency says that it has sent all its bets",
  question: "an agency asks who has won, at any time",
  namedBets: "every bet says whose it is",
  oneAnswerEach: "every batch has an answer of its own",
  places: "the central tells the store where a batch without a number stands",
  waitsForRoom: "a batch waits while the store is full",
  oneConnection: "a newer connection of an agency ends the older one",
  wholeWinners: "winners are one answer",
  spoiledBatches: "of a batch that was spoiled on its way all is stored or nothing",
} as const;

export type Behaviour = keyof typeof BEHAVIOURS;

/** One of the decoders of a dialect. */
export interface DecoderCase {
  /** Whose bytes it decodes. */
  readonly by: "agency" | "central";
  /** What it is told beforehand, where that matters. */
  readonly told?: string;
  /** Bytes of the largest message that it may keep. */
  readonly bytesMax: number;
  readonly create: () => Decoder<object>;
}

/** An agency on one connection: makes the bytes of its messages, one after the other. */
export interface Speaker {
  /** What comes before the first message, and is not a message by itself. */
  readonly hello: Buffer;
  batch(...bets: readonly Bet[]): Buffer;
  /** A bet by itself. */
  single(bet: Bet): Buffer;
  /** The last batch was refused: where batches have numbers, the next one has the same. */
  refused?(): void;
  done?(): Buffer;
  question?(): Buffer;
}

/** What the central does beyond what every central does. */
export interface Manners {
  /** How a batch is refused. */
  readonly refusal: Reaction;
  /** How a single bet is. */
  readonly singleRefusal: Reaction;
  /** How an agency that is none of the draw's is turned away. */
  readonly stranger: Reaction;
  /** What is said to who breaks the rules; the connection always ends. */
  readonly violation: (code: ProtocolErrorCode) => readonly string[];
  /** The connection ends with the answer to a single bet. */
  readonly endsAfterSingle: boolean;
  /** A single bet comes without the greeting. */
  readonly singleWithoutHello?: boolean;
  /** How long nothing may come behind a single bet before it is taken. */
  readonly singlePauseMs?: number;
  /** What the store is told of the first batch of a connection. */
  readonly firstPlace?: "connection-start" | "run-start";
  /** What a question is answered before the draw; nothing where it waits. */
  readonly beforeDraw?: readonly string[];
  /** The version in which the end of a connection says that the draw has not been held. */
  readonly endsBeforeDraw?: string;
  /** What the agency makes of a refused batch: a connection that ends says no more. */
  readonly afterRefusal: "rejected" | "CONNECTION_ENDED";
  /** What the agency's run ends with that is none of the draw's. */
  readonly strangerCode: "REFUSED" | "CONNECTION_ENDED";
}

export interface Reaction {
  readonly says: readonly string[];
  readonly ends: boolean;
}

/** Where something can be said: `first` on its connection, `later` behind a batch; anywhere unless told. */
export type Where = "first" | "later";

export interface RefusedBatch {
  readonly what: string;
  readonly where?: Where;
  /** @param sequence of the batch, where batches have numbers */
  readonly bytes: (sequence: number) => Buffer;
  /** Bets that the log says were refused. */
  readonly count: number;
}

export interface Violation {
  readonly what: string;
  readonly where?: Where;
  readonly bytes: Buffer;
  readonly code: ProtocolErrorCode;
}

/** What a central says, and what it is to the agency's decoder. */
export interface Answered {
  readonly bytes: Buffer;
  readonly seen: Seen;
  /** What the agency expects, where the bytes alone do not tell. */
  readonly told?: string;
  /** The connection ends with it. */
  readonly last?: boolean;
}

/** A batch whose bytes are the same wherever it stands. */
export function refusedAs(what: string, bytes: Buffer, count: number): RefusedBatch {
  return { what, bytes: () => bytes, count };
}
