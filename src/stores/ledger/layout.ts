import { ACT_BYTES_MAX } from "../../lottery/act.ts";

// Sizes and tags of the ledger's files: docs/ledger.md has the tables. All integers are big-endian.

/** Version of the files of a draw's directory, in every header. */
export const FORMAT_VERSION = 1;

/** Size of a segment unless configured. */
export const SEGMENT_BYTES = 16 * 1024 * 1024;
/** The smallest segment, for tests: it has room for a header and a few small batches. */
export const SEGMENT_BYTES_MIN = 2048;
/** The largest segment: a record has 24 bits for its offset in its group. */
export const SEGMENT_BYTES_MAX = 16 * 1024 * 1024;

/** A header: `QUINIELA`, version u32, segment's number u32, its size u32, 8 zeros, CRC-32 of all that. */
export const SEGMENT_MAGIC = "QUINIELA";
export const SEGMENT_HEADER_BYTES = 32;

/** Length u32 and CRC-32 u32: the length counts neither of them. */
export const PREFIX_BYTES = 8;
export const HEAD_AT = 36;
/** Number of bytes before a record's body. */
export const RECORD_HEADER_BYTES = 68;

export const BATCH = 1;
export const DONE = 2;
export const SEAL = 3;
export const DRAW = 4;
export const TOLD = 5;
export const ACT = 6;

export type RecordKind =
  | typeof BATCH
  | typeof DONE
  | typeof SEAL
  | typeof DRAW
  | typeof TOLD
  | typeof ACT;

/** Body of DONE: the agency's bets, u64. */
export const DONE_BODY_BYTES = 8;
/** Body of DRAW: the winning number, u32. */
export const DRAW_BODY_BYTES = 4;

/** Size of the largest record that is neither a batch nor an act. */
export const CONTROL_RECORD_BYTES_MAX: number = RECORD_HEADER_BYTES + DONE_BODY_BYTES;
/** Size of the largest ACT: its body is the act's text. */
export const ACT_RECORD_BYTES_MAX: number = RECORD_HEADER_BYTES + ACT_BYTES_MAX;

export const LOCK_FILE = "ledger.lock";

export function segmentName(number: number): string {
  return `${String(number).padStart(8, "0")}.seg`;
}

export function summaryName(number: number): string {
  return `${String(number).padStart(8, "0")}.sum`;
}

/** @returns the number of a segment's file, or undefined for any other file */
export function segmentNumber(name: string): number | undefined {
  const match = /^(\d{8})\.seg$/.exec(name);
  return match === null ? undefined : Number(match[1]);
}

/** @returns the number of a summary's file, or undefined for any other file */
export function summaryNumber(name: string): number | undefined {
  const match = /^(\d{8})\.sum$/.exec(name);
  return match === null ? undefined : Number(match[1]);
}
