import type { AgencyId, Bet } from "../../src/lottery/bet.ts";
import {
  encodeBatch,
  encodeDone,
  encodeQuestion,
} from "../../src/protocols/dialects/colon-lines/encode.ts";
import { encodeAgency as encodeFixed70 } from "../../src/protocols/dialects/fixed70/encode.ts";
import { CONFIRMATIONS } from "../../src/protocols/dialects/fixed70/wire.ts";
import { encodeAgency as encodeMd5Frames } from "../../src/protocols/dialects/md5-frames/encode.ts";
import { encodeClient } from "../../src/protocols/dialects/native/encode.ts";
import { CENTRAL_TYPES, PREFACE } from "../../src/protocols/dialects/native/wire.ts";
import { encodeAgency as encodeNewlineFields } from "../../src/protocols/dialects/newline-fields/encode.ts";
import { encodeAgency as encodeTlv } from "../../src/protocols/dialects/tlv/encode.ts";
import type { Books, SentBatch } from "./books.ts";

/** Size of the answer that begins here, in bytes; undefined while it is not known. */
export type AnswerSize = (received: Buffer) => number | undefined;

/** One message of an agency. */
export interface Step {
  readonly name: string;
  readonly bytes: Buffer;
  /**
   * When its answer comes: at once, with the draw, or with the next message. In dialects in which
   * agencies ask again and again, the answer before the draw is "not yet" and comes at once.
   */
  readonly answered: "at once" | "by the draw" | "with the next";
  /** The batch in it, if there is one. */
  readonly batch?: SentBatch;
}

/** A whole conversation of an agency with batches, its messages in order. */
export interface Dialogue {
  readonly dialect: string;
  readonly agency: AgencyId;
  readonly steps: readonly Step[];
  readonly answerSize: AnswerSize;
  /** Whether an answer says that a batch is stored. */
  readonly confirms: (answer: Buffer) => boolean;
}

/** How a dialect writes its messages: all that this folder knows of each dialect. */
interface Tongue {
  readonly steps: (agency: AgencyId, batches: readonly SentBatch[], books: Books) => Step[];
  readonly answerSize: AnswerSize;
  readonly confirms: (answer: Buffer) => boolean;
}

/** Bets of an agency's batches: in fixed70 a smaller last batch shows that the bets are over. */
const BATCH_BETS: readonly number[] = [3, 2, 1];

/**
 * @param batchBets bets in the first batch, the second …; in falling order
 * @param overrides for each bet
 */
export function dialogue(
  dialect: string,
  books: Books,
  batchBets = BATCH_BETS,
  overrides?: (index: number) => Partial<Bet>,
): Dialogue {
  const agency = books.newAgency();
  const batches = batchBets.map((bets) => books.batch(agency, bets, overrides));
  return dialogueOf(dialect, books, agency, batches);
}

/** The same, with batches that are in the books already. */
export function dialogueOf(
  dialect: string,
  books: Books,
  agency: AgencyId,
  batches: readonly SentBatch[],
): Dialogue {
  const tongue = TONGUES[dialect];
  if (tongue === undefined) throw new RangeError(`Nobody here speaks ${dialect}`);
  const { answerSize, confirms } = tongue;
  return { dialect, agency, steps: tongue.steps(agency, batches, books), answerSize, confirms };
}

function batchSteps(
  batches: readonly SentBatch[],
  encode: (batch: SentBatch, index: number) => Uint8Array,
): Step[] {
  return batches.map((batch, index) => ({
    name: `batch ${index + 1}`,
    bytes: Buffer.from(encode(batch, index)),
    answered: "at once",
    batch,
  }));
}

const TONGUES: Readonly<Record<string, Tongue>> = {
  native: {
    steps: (agency, batches, books) => [
      { name: "preface", bytes: Buffer.from(PREFACE), answered: "with the next" },
      {
        name: "hello",
        bytes: encodeClient({ kind: "hello", agency, draw: "", credentials: Buffer.alloc(0) }),
        answered: "at once",
      },
      ...batchSteps(batches, ({ sequence, bets, lines }) =>
        encodeClient({ kind: "batch", sequence, count: bets.length, lines }),
      ),
      {
        name: "done",
        bytes: encodeClient({ kind: "done", ...books.claim(agency) }),
        answered: "at once",
      },
      { name: "wait", bytes: Buffer.alloc(0), answered: "by the draw" },
    ],
    answerSize: lengthAt(0, 4),
    confirms: (answer) => answer[4] === CENTRAL_TYPES.ack,
  },
  fixed70: {
    steps: (agency, batches) => [
      {
        name: "hello",
        bytes: encodeFixed70({ kind: "hello", agency }),
        answered: "with the next",
      },
      ...batchSteps(batches, ({ bets }) => encodeFixed70({ kind: "batch", bets })),
      { name: "question", bytes: encodeFixed70({ kind: "zero" }), answered: "by the draw" },
    ],
    answerSize: (received) => (received.length < 4 ? undefined : 4),
    confirms: (answer) => answer.equals(CONFIRMATIONS.final),
  },
  "colon-lines": {
    steps: (agency, batches) => [
      ...batchSteps(batches, ({ bets }) => encodeBatch(agency, bets, "ej8")),
      { name: "done", bytes: encodeDone(agency), answered: "at once" },
      { name: "question", bytes: encodeQuestion(agency), answered: "at once" },
    ],
    answerSize: upTo("\r\n"),
    confirms: (answer) => answer.toString("latin1") === "server:0\r\n",
  },
  tlv: {
    steps: (agency, batches) => [
      ...batchSteps(batches, ({ bets }) => encodeTlv({ kind: "batch", bets })),
      { name: "done", bytes: encodeTlv({ kind: "done", agency }), answered: "at once" },
      { name: "question", bytes: encodeTlv({ kind: "question", agency }), answered: "at once" },
    ],
    answerSize: lengthAt(1, 5),
    confirms: (answer) => answer[0] === 2,
  },
  "md5-frames": {
    steps: (agency, batches) => [
      ...batchSteps(batches, ({ bets }) => encodeMd5Frames({ kind: "batch", bets })),
      { name: "done", bytes: encodeMd5Frames({ kind: "done", agency }), answered: "at once" },
      {
        name: "question",
        bytes: encodeMd5Frames({ kind: "question", agency }),
        answered: "by the draw",
      },
    ],
    answerSize: lengthAt(0, 4),
    confirms: (answer) => answer.includes("{result:success}"),
  },
  "newline-fields": {
    steps: (agency, batches) => [
      ...batchSteps(batches, ({ bets }) =>
        encodeNewlineFields({ kind: "batch", typed: true, bets }),
      ),
      {
        name: "done",
        bytes: encodeNewlineFields({ kind: "confirmation", agency }),
        answered: "at once",
      },
      {
        name: "question",
        bytes: encodeNewlineFields({ kind: "question", agency }),
        answered: "by the draw",
      },
    ],
    answerSize: upTo("\n\n"),
    confirms: (answer) => answer.toString("latin1") === "Success :)\n\n",
  },
  echo: {
    steps: (agency) => [
      {
        name: "message",
        bytes: Buffer.from(`[CLIENT ${agency}] Message N°1\n`),
        answered: "at once",
      },
    ],
    answerSize: upTo("\n"),
    confirms: () => false,
  },
};

/** Dialects that carry bets. */
export const SPOKEN: readonly string[] = Object.keys(TONGUES).filter((name) => name !== "echo");

/** All dialects that a central in lottery mode answers. */
export const SPOKEN_AND_ECHO: readonly string[] = [...SPOKEN, "echo"];

/** @param at where the length field is, which counts the bytes after the head */
function lengthAt(at: number, headBytes: number): AnswerSize {
  return (received) =>
    received.length < headBytes ? undefined : headBytes + received.readUInt32BE(at);
}

function upTo(end: string): AnswerSize {
  return (received) => {
    const found = received.indexOf(end);
    return found < 0 ? undefined : found + end.length;
  };
}
