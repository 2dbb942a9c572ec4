// Sizes, offsets and words of fixed70: docs/protocols/fixed70.md.

/** Every integer is unsigned and big-endian. */
export const U32_BYTES = 4;

export const HELLO_BYTES: number = U32_BYTES;
export const COUNT_BYTES: number = U32_BYTES;

export const RECORD_BYTES = 70;
export const FIRST_NAME_AT = 4;
export const LAST_NAME_AT = 28;
export const DOCUMENT_AT = 52;
export const BIRTHDATE_AT = 56;
export const NUMBER_AT = 66;

/** Bytes, not characters: the course's client cuts a longer name wherever that is. */
export const NAME_BYTES_MAX = 24;
export const BIRTHDATE_BYTES_MAX = 10;
export const U32_MAX = 0xffff_ffff;

/** Above it the first bytes of a connection could be those of other dialects. */
export const AGENCY_MAX = 0xffff;

/** By the exercise whose programs speak so; `final` is that of exercises 7 and 8. */
export type Version = "ej5" | "ej6" | "final";

/** What a central says to a bet or a batch that is stored. */
export const CONFIRMATIONS: Readonly<Record<Version, Buffer>> = {
  ej5: Buffer.from("ACK"),
  ej6: Buffer.from("ACK\n"),
  final: Buffer.of(0, 0, 0, 1),
};

/**
 * The course's client sleeps after a full batch (2 s unless it is told otherwise) and not after a
 * shorter one: a zero that comes so long after the confirmation of the only batch is an empty batch.
 */
export const EMPTY_BATCH_PAUSE_MS = 1000;

/**
 * Who says hello and zero and has no bets then waits. An ej5 record without a first name begins with
 * the same bytes, and goes on within this time.
 */
export const OPENING_PAUSE_MS = 100;

/** Nothing more comes behind a `1` for so long: it was a confirmation, and not a count of winners. */
export const LONE_ONE_MS = 1000;

/** Largest number of winners that an agency takes. */
export const WINNERS_MAX = 4_194_304;
