import type { DrawState } from "../../../lottery/draw-book.ts";
import type { FlawField } from "../../../lottery/flaw.ts";

// Sizes, tags and codes of quiniela/1: docs/protocols/native.md. All integers are big-endian.

/** What a client sends before its first frame; the central sends no preface. */
export const PREFACE: Uint8Array = Buffer.from("QNL1", "latin1");

/** Bytes of a frame's length field, which counts what follows it: the type and the body. */
export const LENGTH_BYTES = 4;
export const TYPE_BYTES = 1;

/**
 * Largest frame, its length field counted, that a central sends whatever its own limit, and that it
 * accepts unless configured otherwise.
 */
export const FRAME_BYTES_MAX = 8192;

/** Bytes of a BATCH before its lines: length, type, sequence, count. */
export const BATCH_OVERHEAD_BYTES: number = LENGTH_BYTES + TYPE_BYTES + 8 + 2;

/** Batches that one client may have sent without an answer. */
export const WINDOW = 64;

/** Messages that may arrive between HELLO and WELCOME, where a client had better wait. */
export const EARLY_MESSAGES_MAX = 8;

export const U16_MAX = 0xffff;
export const U32_MAX = 0xffff_ffff;

export const CLIENT_TYPES = {
  hello: 0x01,
  batch: 0x02,
  bet: 0x03,
  done: 0x04,
  ping: 0x05,
} as const;

export const CENTRAL_TYPES = {
  welcome: 0x81,
  ack: 0x82,
  reject: 0x83,
  busy: 0x84,
  drawn: 0x85,
  error: 0x86,
  pong: 0x87,
} as const;

/** WELCOME: this agency has said that it is done. */
export const WELCOME_DONE = 0b01;
/** WELCOME: bets are stored, but sequence and head start afresh. */
export const WELCOME_CHAIN_UNKNOWN = 0b10;
/** ACK: the answer to DONE, which is recorded. */
export const ACK_DONE = 0b01;

/** REJECT: no single bet is to blame. */
export const NO_INDEX = 0xffff;

export type RejectCode = "INVALID" | "CONFLICT" | "GAP" | "LATE";

export type ErrorCode =
  | "MALFORMED"
  | "FRAME_TOO_LARGE"
  | "UNKNOWN_TYPE"
  | "UNEXPECTED_MESSAGE"
  | "UNKNOWN_AGENCY"
  | "UNKNOWN_DRAW"
  | "FENCED"
  | "STOPPING"
  | "DONE_MISMATCH"
  | "TIMEOUT";

// In the tables below a name's place is its code on the wire; an empty place is no code.

export const STATES: readonly DrawState[] = ["open", "sealed", "drawn"];

export const REJECT_CODES: readonly (RejectCode | undefined)[] = [
  undefined,
  "INVALID",
  "CONFLICT",
  "GAP",
  "LATE",
];

/** 0 says that no field is to blame. */
export const FIELDS: readonly (FlawField | undefined)[] = [
  undefined,
  "line",
  "agency",
  "firstName",
  "lastName",
  "document",
  "birthdate",
  "number",
];

export const ERROR_CODES: readonly (ErrorCode | undefined)[] = [
  undefined,
  "MALFORMED",
  "FRAME_TOO_LARGE",
  "UNKNOWN_TYPE",
  "UNEXPECTED_MESSAGE",
  "UNKNOWN_AGENCY",
  "UNKNOWN_DRAW",
  "FENCED",
  "STOPPING",
  "DONE_MISMATCH",
  "TIMEOUT",
];
