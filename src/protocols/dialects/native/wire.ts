import type { DoneClaim, DrawState } from "../../../lottery/draw-book.ts";
import type { FlawField } from "../../../lottery/flaw.ts";
import type { FrameCodec } from "../../kit/frame-decoder.ts";
import { expectFrameBytes } from "../../kit/frame-reader.ts";
import { ProtocolError } from "../../protocol-error.ts";

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

// Whole numbers here are exact: u64 fields above 2^53 - 1 are no message.

/** "I am this agency, about this draw." The first message, once. */
export interface Hello {
  readonly kind: "hello";
  readonly agency: number;
  /** The draw's name, or "" for the central's current one. */
  readonly draw: string;
  /** Opaque; a central that asks for none ignores them. */
  readonly credentials: Uint8Array;
}

export interface BatchMessage {
  readonly kind: "batch";
  /** From 1. */
  readonly sequence: number;
  /** Bets in `lines`, 1 to 65,535. */
  readonly count: number;
  readonly lines: Uint8Array;
}

/** A batch of one, answered and logged singly. */
export interface BetMessage {
  readonly kind: "bet";
  readonly sequence: number;
  readonly line: Uint8Array;
}

export interface DoneMessage extends DoneClaim {
  readonly kind: "done";
}

export interface Ping {
  readonly kind: "ping";
  /** Comes back in the PONG. */
  readonly token: number;
}

export type ClientMessage = Hello | BatchMessage | BetMessage | DoneMessage | Ping;

/** The answer to HELLO: where the agency stands. */
export interface Welcome {
  readonly kind: "welcome";
  readonly draw: string;
  readonly state: DrawState;
  readonly done: boolean;
  /** False when `bets` are stored but `nextSequence` and `head` start afresh. */
  readonly chainKnown: boolean;
  readonly nextSequence: number;
  readonly bets: number;
  readonly head: Uint8Array;
  /** Batches that may be sent without an answer. */
  readonly window: number;
  /** Largest frame the central takes, its length field counted. */
  readonly frameBytesMax: number;
}

/** This sequence and all before it are durable. */
export interface Ack {
  readonly kind: "ack";
  readonly sequence: number;
  /** Chain head after `sequence`. */
  readonly head: Uint8Array;
  /** The agency's DONE is recorded. */
  readonly done: boolean;
}

export interface Reject {
  readonly kind: "reject";
  readonly sequence: number;
  readonly code: RejectCode;
  /** First bad bet, from 0. */
  readonly index?: number;
  readonly field?: FlawField;
  readonly reason: string;
}

/** Nothing stored; the same again after the pause. */
export interface Busy {
  readonly kind: "busy";
  /** 0: the whole conversation, which ends. */
  readonly sequence: number;
  readonly retryAfterMs: number;
}

/** The result of the draw, or a part of it. */
export interface Drawn {
  readonly kind: "drawn";
  readonly winningNumber: number;
  readonly seal: Uint8Array;
  /** This agency's winners, in all frames together. */
  readonly total: number;
  /** Place of the first of `documents` among them. */
  readonly index: number;
  readonly documents: readonly string[];
}

export interface ErrorMessage {
  readonly kind: "error";
  readonly code: ErrorCode;
  /** The connection ends. */
  readonly fatal: boolean;
  readonly text: string;
}

export interface Pong {
  readonly kind: "pong";
  readonly token: number;
}

export type CentralMessage = Welcome | Ack | Reject | Busy | Drawn | ErrorMessage | Pong;

/** The frames of quiniela/1: a length, which does not count itself, then type and body. */
export class NativeFrames<Message> implements FrameCodec<Message> {
  readonly #frameBytesMax: number;
  readonly #parse: (frame: Buffer) => Message;
  /** What comes before the first frame, as long as it is to come. */
  #preface: Uint8Array | undefined;

  /**
   * @param parse takes a frame's type and body
   * @param preface what comes before the first frame
   */
  constructor(frameBytesMax: number, parse: (frame: Buffer) => Message, preface?: Uint8Array) {
    this.#frameBytesMax = frameBytesMax;
    this.#parse = parse;
    this.#preface = preface;
  }

  measure(bytes: Buffer, at: number, available: number): number {
    if (this.#preface !== undefined) return checkPreface(this.#preface, bytes, at, available);
    if (available < LENGTH_BYTES) return LENGTH_BYTES;
    const length = bytes.readUInt32BE(at);
    if (length < TYPE_BYTES) {
      throw new ProtocolError("MALFORMED", "Cannot decode frame: length is 0, min is 1");
    }
    const frameBytes = LENGTH_BYTES + length;
    expectFrameBytes(frameBytes, this.#frameBytesMax);
    return frameBytes;
  }

  parse(frame: Buffer): Message | undefined {
    if (this.#preface === undefined) return this.#parse(frame.subarray(LENGTH_BYTES));
    this.#preface = undefined;
    return undefined;
  }
}

function checkPreface(preface: Uint8Array, bytes: Buffer, at: number, available: number): number {
  for (let index = 0; index < Math.min(available, preface.length); index++) {
    const byte = bytes[at + index];
    if (byte === preface[index]) continue;
    throw new ProtocolError("MALFORMED", `Cannot decode preface: byte ${index} is ${byte}`);
  }
  // One more at a time: the first wrong byte is told at once.
  return Math.min(available + 1, preface.length);
}
