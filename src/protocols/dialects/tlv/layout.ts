// Sizes, codes and texts of tlv: docs/protocols/tlv.md.

/** A packet's code, then the length of its body, unsigned and big-endian. */
export const LENGTH_AT = 1;
export const HEADER_BYTES = 5;

export const CODES = {
  /** Either side may send it: the connection ends, without an answer. */
  close: 0,
  bet: 1,
  ok: 2,
  batch: 3,
  refused: 4,
  done: 5,
  question: 6,
  winners: 7,
  notYet: 8,
} as const;

/** `#`, after every field, the last one too. */
export const DELIMITER = 0x23;
/** `@`, before the index of a bet in its batch. */
export const MARKER = 0x40;

/** Digits that an agency's number or a count can have. */
export const DIGITS_MAX = 10;

/** The course's words to a batch that is refused. */
export const BATCH_REFUSED_TEXT = "Error al procesar el batch enviado";
export const UNKNOWN_AGENCY_TEXT = "Unknown agency";

/** The course's central reads a body in pieces of this size, and wants each one whole. */
export const PIECE_BYTES_MAX = 8192;

/** Largest answer that an agency takes: the documents of more than a million winners. */
export const ANSWER_BYTES_MAX: number = 16 * 1024 * 1024;

/** How long an agency waits before it asks again for its winners. */
export const ASK_AGAIN_MS = 1000;
