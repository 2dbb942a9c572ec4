import type { Bet } from "../../../lottery/bet.ts";
import { type Framing, UNKNOWN } from "../../kit/frame-reader.ts";
import { ProtocolError } from "../../protocol-error.ts";

/** Bytes that the dialect is made of: docs/protocols/colon-lines.md. */
export const CR = 0x0d;
export const LF = 0x0a;
export const COMMA = 0x2c;
export const COLON = 0x3a;
export const ZERO = 0x30;
export const NINE = 0x39;

/** What the agency says, by the digit behind its number. */
export const CLIENT_TYPES = { batch: "4", done: "5", question: "6" } as const;

/** What the central says, by the digit behind `server:`. */
export const CENTRAL_TYPES = { taken: "0", refused: "1", notYet: "2", winners: "3" } as const;

/** Digits of a sender, leading zeros counted; an agency's number has at most ten without them. */
export const SENDER_DIGITS_MAX = 20;

/**
 * A single bet of exercise 5 and the first line of a batch of exercise 6 are the same bytes: it is a
 * single bet when nothing has followed for this long.
 */
export const SINGLE_BET_PAUSE_MS = 1000;

/** How long our agency waits before it asks again for its winners. */
export const QUESTION_PAUSE_MS = 1000;

/** Largest answer that our agency takes: a quarter of a million winners. */
export const ANSWER_BYTES_MAX: number = 16 * 1024 * 1024;

export function isDigit(byte: number | undefined): boolean {
  return byte !== undefined && byte >= ZERO && byte <= NINE;
}

/** What the central hears. */
export type ClientMessage = BatchMessage | DoneMessage | QuestionMessage;

export interface BatchMessage {
  readonly kind: "batch";
  readonly agency: number;
  /** Lines of the body: bets, if they can be read as such. */
  readonly count: number;
  /** Canonical lines; what is no bet is a line that is none. */
  readonly lines: Uint8Array;
  /** As exercises 5 and 6 have it: without a type, answered without CR, and nothing may follow. */
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

/** What the agency hears. */
export type Reply =
  | { readonly kind: "taken" }
  | { readonly kind: "refused" }
  | { readonly kind: "not-yet" }
  | {
      readonly kind: "winners";
      readonly documents: readonly string[];
      /** The same as whole bets; undefined when a line could be cut into fields in several ways. */
      readonly bets: readonly Bet[] | undefined;
    };

/** A message of an agency: from its sender's first digit to CR LF. */
export class ClientFraming implements Framing {
  readonly #bytesMax: number;
  #lineEnded = false;

  constructor(bytesMax: number) {
    this.#bytesMax = bytesMax;
  }

  /** Whether what has come so far is one line without a type, up to its LF and no further. */
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

/** An answer of the central: winners up to CR LF, anything else up to LF, as exercises 5 and 6 end. */
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

/** Bytes up to and with the first CR LF. */
function sizeOf(message: Buffer, examined: number): number {
  // A CR may have been the last byte then.
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

/** Where the digits that a message begins with end. */
export function senderEnd(message: Uint8Array): number {
  let at = 0;
  while (isDigit(message[at])) at++;
  return at;
}

/** Whether a type stands here: one digit, then a colon or the end of the message. */
export function isTyped(message: Uint8Array, at: number): boolean {
  return isDigit(message[at]) && (message[at + 1] === COLON || message[at + 1] === CR);
}
