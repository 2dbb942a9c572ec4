import type { Bet } from "../../../lottery/bet.ts";
import { type Framing, UNKNOWN } from "../../kit/frame-reader.ts";
import { ProtocolError } from "../../protocol-error.ts";

/** Bytes of the dialect: docs/protocols/colon-lines.md. */
export const CR = 0x0d;
export const LF = 0x0a;
export const COMMA = 0x2c;
export const COLON = 0x3a;
export const ZERO = 0x30;
export const NINE = 0x39;

/** What the agency says: the digit after its number and a colon. */
export const CLIENT_TYPES = { batch: "4", done: "5", question: "6" } as const;

/** What the central says: the digit after `server:`. */
export const CENTRAL_TYPES = { taken: "0", refused: "1", notYet: "2", winners: "3" } as const;

/** The most digits of a sender, with leading zeros; without them an agency's number has at most ten. */
export const SENDER_DIGITS_MAX = 20;

/**
 * A single bet of exercise 5 and the first line of a batch of exercise 6 are the same bytes. A line is taken
 * for a single bet when nothing follows it for so long.
 */
export const SINGLE_BET_PAUSE_MS = 1000;

/** How long our agency waits before it asks again for its winners. */
export const QUESTION_PAUSE_MS = 1000;

/** Largest answer that our agency accepts: a quarter of a million winners. */
export const ANSWER_BYTES_MAX: number = 16 * 1024 * 1024;

function isDigit(byte: number | undefined): boolean {
  return byte !== undefined && byte >= ZERO && byte <= NINE;
}

/** What an agency says, decoded. */
export type ClientMessage = BatchMessage | DoneMessage | QuestionMessage;

export interface BatchMessage {
  readonly kind: "batch";
  readonly agency: number;
  /** Number of lines in the body. */
  readonly count: number;
  /** Canonical lines; a line that is not a bet is a line that is not canonical. */
  readonly lines: Uint8Array;
  /** A batch of exercises 5 and 6: it has no type, its answer has no CR, and nothing may follow. */
  readonly untyped: boolean;
}

export interface DoneMessage {
  readonly kind: "done";
  readonly agency: number;
}

export interface QuestionMessage {
  readonly kind: "question";
  readonly agency: number;
}

/** What the central says. */
export type CentralMessage =
  | { readonly kind: "taken"; readonly untyped?: boolean }
  | { readonly kind: "refused"; readonly untyped?: boolean }
  | { readonly kind: "not-yet" }
  | { readonly kind: "winners"; readonly winners: readonly Bet[] };

/** What the central says, decoded. */
export type Reply =
  | { readonly kind: "taken" }
  | { readonly kind: "refused" }
  | { readonly kind: "not-yet" }
  | {
      readonly kind: "winners";
      readonly documents: readonly string[];
      /** The same winners as whole bets; undefined when a line can be cut into fields in several ways. */
      readonly bets: readonly Bet[] | undefined;
    };

/** The messages of an agency: from the sender's first digit to CR LF. */
export class ClientFraming implements Framing {
  readonly #bytesMax: number;
  #lineEnded = false;

  constructor(bytesMax: number) {
    this.#bytesMax = bytesMax;
  }

  /** Whether the bytes so far are one line without a type that ends with its LF. */
  get lineEnded(): boolean {
    return this.#lineEnded;
  }

  measure(bytes: Buffer, at: number, available: number, examined: number): number {
    if (!isDigit(bytes[at])) {
      throw new ProtocolError("MALFORMED", "Cannot decode message: it begins with no digit");
    }
    const message = bytes.subarray(at, at + available);
    const size = sizeOf(message, examined);
    const least = size === UNKNOWN ? available : size;
    if (least > this.#bytesMax) {
      throw new ProtocolError(
        "FRAME_TOO_LARGE",
        `Cannot decode message: it has ${least} bytes or more, max is ${this.#bytesMax}`,
      );
    }
    this.#lineEnded = size === UNKNOWN && isLine(message);
    return size;
  }
}

/** The central's answers. Winners end with CR LF, all others with LF: exercises 5 and 6 send no CR. */
export class CentralFraming implements Framing {
  readonly #bytesMax: number;

  constructor(bytesMax: number) {
    this.#bytesMax = bytesMax;
  }

  measure(bytes: Buffer, at: number, available: number, examined: number): number {
    const answer = bytes.subarray(at, at + available);
    const winners = answer[WINNERS_AT] === WINNERS && !answer.subarray(0, WINNERS_AT).includes(LF);
    const size = winners ? sizeOf(answer, examined) : lineSize(answer, examined);
    const least = size === UNKNOWN ? available : size;
    if (least <= this.#bytesMax) return size;
    throw new ProtocolError(
      "FRAME_TOO_LARGE",
      `Cannot decode answer: it has ${least} bytes or more, max is ${this.#bytesMax}`,
    );
  }
}

const WINNERS_AT = "server:".length;
const WINNERS = 0x33;

/** Number of bytes up to the first CR LF, including it. */
function sizeOf(message: Buffer, examined: number): number {
  // The last byte that was examined before may be a CR.
  let cr = message.indexOf(CR, Math.max(0, examined - 1));
  while (cr >= 0 && message[cr + 1] !== LF) cr = message.indexOf(CR, cr + 1);
  return cr < 0 ? UNKNOWN : cr + 2;
}

function lineSize(answer: Buffer, examined: number): number {
  const lf = answer.indexOf(LF, examined);
  return lf < 0 ? UNKNOWN : lf + 1;
}

function isLine(message: Buffer): boolean {
  const last = message.length - 1;
  if (message[last] !== LF || message.indexOf(LF) !== last) return false;
  const colon = senderEnd(message);
  return message[colon] === COLON && !isTyped(message, colon + 1);
}

/** Where the digits at the beginning of a message end. */
export function senderEnd(message: Uint8Array): number {
  let at = 0;
  while (isDigit(message[at])) at++;
  return at;
}

/** Whether there is a type at `at`: one digit, then a colon or the end of the message. */
export function isTyped(message: Uint8Array, at: number): boolean {
  return isDigit(message[at]) && (message[at + 1] === COLON || message[at + 1] === CR);
}
