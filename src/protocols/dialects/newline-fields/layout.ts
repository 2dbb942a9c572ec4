// Texts and limits of newline-fields: docs/protocols/newline-fields.md.

export const DIALECT = "newline-fields";

export const LF = 0x0a;

/** Ends every message, of either side: the last line's end and an empty line. */
export const MESSAGE_END: Uint8Array = Buffer.from("\n\n", "latin1");

/** First lines of a client's messages; those of exercises 5 and 6 have none. */
export const BATCH_TYPE = "BET";
export const CONFIRMATION_TYPE = "CONFIRMATION";
export const QUESTION_TYPE = "WINNERS";

/** Agency, first name, last name, document, birthdate, number: a line each. */
export const BET_FIELDS = 6;

/** Digits that an agency's number may have where it is a connection's first line. */
export const AGENCY_DIGITS_MAX = 10;

/** Answers to a batch, to a confirmation, and to bytes that are not UTF-8. */
export const STORED_TEXT = "Success :)";
export const NOTED_TEXT = "OK";
export const UNREADABLE_TEXT = "Error al recibir msg :(";

/** Largest answer that an agency takes: a list of well over a million winners. */
export const ANSWER_BYTES_MAX: number = 16 * 1024 * 1024;

/** After a central of exercise 7 ended a connection because the draw is not yet held. */
export const ASK_AGAIN_MS = 1000;
