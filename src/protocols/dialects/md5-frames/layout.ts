// Sizes, types and words of md5-frames: docs/protocols/md5-frames.md.

/** Bytes of the frame behind this field, unsigned and big-endian. */
export const LENGTH_BYTES = 4;
export const TYPE_AT: number = LENGTH_BYTES;
export const IDENTIFIER_AT = 6;
export const PAYLOAD_AT = 22;
/** The length of a frame without a payload: type and identifier. */
export const LENGTH_MIN: number = PAYLOAD_AT - LENGTH_BYTES;

export const TYPES = {
  bet: 1,
  /** Of a central: to a bet, a batch or the end of bets. */
  result: 2,
  batch: 3,
  done: 4,
  question: 5,
  /** Of a central: to a question. */
  winners: 6,
} as const;

export const MARKS = {
  openingBrace: 0x7b,
  closingBrace: 0x7d,
  colon: 0x3a,
  comma: 0x2c,
  /** `|`, between the bets of a batch and the documents of winners. */
  bar: 0x7c,
} as const;

/** A bet's keys, in the order in which clients write them. */
export const KEYS = ["agency", "nombre", "apellido", "dni", "nacimiento", "numero"] as const;

export const SUCCESS = "{result:success}";
export const FAILURE = "{result:failure}";
export const IN_PROGRESS = "{result:in_progress}";
export const WINNERS_START = "{ganadores:";
export const WINNERS_END = "}";

/** Largest answer that an agency takes: the documents of more than a million winners. */
export const ANSWER_BYTES_MAX: number = 16 * 1024 * 1024;

/** How long an agency waits before it asks again for its winners. */
export const ASK_AGAIN_MS = 500;
