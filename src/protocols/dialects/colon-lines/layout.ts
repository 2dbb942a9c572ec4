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
