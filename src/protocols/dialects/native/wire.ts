import type { DoneClaim, DrawState } from "../../../lottery/draw-book.ts";
import type { FlawField } from "../../../lottery/flaw.ts";
import type { SealProof } from "../../../lottery/seal.ts";
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
 * Largest frame, with its length field. A central never sends a larger one, and accepts no larger one unless
 * configured otherwise.
 */
export const FRAME_BYTES_MAX = 8192;

/** Bytes of a BATCH before its lines: length, type, sequence, count. */
export const BATCH_OVERHEAD_BYTES: number = LENGTH_BYTES + TYPE_BYTES + 8 + 2;

/** How many batches of one client may be unanswered at the same time. */
export const WINDOW = 64;

/** How many messages may come between HELLO and WELCOME, although a client should wait. */
export const EARLY_MESSAGES_MAX = 8;

export const U16_MAX = 0xffff;
export const U32_MAX = 0xffff_ffff;

export const CLIENT_TYPES = {
  hello: 0x01,
  batch: 0x02,
  bet: 0x03,
  done: 0x04,
  ping: 0x05,
  proof: 0x06,
  seal: 0x07,
} as const;

export const CENTRAL_TYPES = {
  welcome: 0x81,
  ack: 0x82,
  reject: 0x83,
  busy: 0x84,
  drawn: 0x85,
  error: 0x86,
  pong: 0x87,
  challenge: 0x88,
  sealed: 0x89,
} as const;

/** Bytes of a challenge, and of the proof that answers it. */
export const PROOF_BYTES = 32;

/** How a client announces this protocol in a TLS handshake (ALPN). */
export const ALPN = "quiniela/1";

/** SEALED: the proof follows. */
export const SEALED_PROVEN = 0b01;
/** SEALED: the draw was closed before this agency was done. */
export const SEALED_CLOSED_OUT = 0b10;

/** WELCOME: this agency has said that it is done. */
export const WELCOME_DONE = 0b01;
/** WELCOME: bets are stored, but sequence and head begin again. */
export const WELCOME_CHAIN_UNKNOWN = 0b10;
/** ACK: the answer to DONE, which is recorded. */
export const ACK_DONE = 0b01;

/** REJECT: the reason is not in a single bet. */
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
  | "TIMEOUT"
  | "NO_CURRENT_DRAW"
  | "DRAW_CANCELLED"
  | "UNPROVEN";

// In the tables below a name's index is its code on the wire; `undefined` marks an unused code.

export const STATES: readonly DrawState[] = ["open", "sealed", "drawn"];

export const REJECT_CODES: readonly (RejectCode | undefined)[] = [
  undefined,
  "INVALID",
  "CONFLICT",
  "GAP",
  "LATE",
];

/** 0 means that the reason is not in a field. */
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
  "NO_CURRENT_DRAW",
  "DRAW_CANCELLED",
  "UNPROVEN",
];

// All numbers here are exact: a u64 field above 2^53 - 1 is refused.

/** Says which agency this is, and which draw it means. The first message, sent once. */
export interface Hello {
  readonly kind: "hello";
  readonly agency: number;
  /** The draw's name, or "" for the central's current one. */
  readonly draw: string;
  /** Opaque; a central that needs none ignores them. */
  readonly credentials: Uint8Array;
}

export interface BatchMessage {
  readonly kind: "batch";
  /** From 1. */
  readonly sequence: number;
  /** Number of bets in `lines`, 1 to 65,535. */
  readonly count: number;
  readonly lines: Uint8Array;
}

/** A batch of one bet, logged by its document and number. */
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

/** The answer to CHALLENGE: the client has a token of the agency of its HELLO. */
export interface Proof {
  readonly kind: "proof";
  readonly proof: Uint8Array;
}

/** The client wants to see that the seal has its chain head. */
export interface AskSeal {
  readonly kind: "seal";
}

export type ClientMessage =
  | Hello
  | BatchMessage
  | BetMessage
  | DoneMessage
  | Ping
  | Proof
  | AskSeal;

/** The answer to HELLO, with the agency's standing. */
export interface Welcome {
  readonly kind: "welcome";
  readonly draw: string;
  readonly state: DrawState;
  readonly done: boolean;
  /** False when `bets` are stored but `nextSequence` and `head` begin again. */
  readonly chainKnown: boolean;
  readonly nextSequence: number;
  readonly bets: number;
  readonly head: Uint8Array;
  /** How many batches may be unanswered at the same time. */
  readonly window: number;
  /** Largest frame that the central accepts, with its length field. */
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

/** Nothing was stored: send the same again after the pause. */
export interface Busy {
  readonly kind: "busy";
  /** 0: the whole conversation is refused, and ends. */
  readonly sequence: number;
  readonly retryAfterMs: number;
}

/** The result of the draw, or a part of it. */
export interface Drawn {
  readonly kind: "drawn";
  readonly winningNumber: number;
  readonly seal: Uint8Array;
  /** Number of this agency's winners, in all frames together. */
  readonly total: number;
  /** Index of the first of `documents` among all winners. */
  readonly index: number;
  readonly documents: readonly string[];
}

export interface ErrorMessage {
  readonly kind: "error";
  readonly code: ErrorCode;
  /** Whether the connection ends. */
  readonly fatal: boolean;
  readonly text: string;
}

export interface Pong {
  readonly kind: "pong";
  readonly token: number;
}

/** The client must prove that it is the agency of its HELLO. */
export interface Challenge {
  readonly kind: "challenge";
  readonly challenge: Uint8Array;
}

/** What the seal has of this agency, and how that follows from the seal. */
export interface SealedMessage {
  readonly kind: "sealed";
  readonly closedOut: boolean;
  /** Left out when the draw's seal is of a form that proves nothing to one agency. */
  readonly proof?: SealProof;
}

export type CentralMessage =
  | Welcome
  | Ack
  | Reject
  | Busy
  | Drawn
  | ErrorMessage
  | Pong
  | Challenge
  | SealedMessage;

/** The frames of quiniela/1: a length, which does not count itself, then type and body. */
export class NativeFrames<Message> implements FrameCodec<Message> {
  readonly #frameBytesMax: number;
  readonly #parse: (frame: Buffer) => Message;
  /** The preface, until it has come. */
  #preface: Uint8Array | undefined;

  /**
   * @param parse gets a frame's type and body
   * @param preface bytes that come before the first frame
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
  // Ask for one more byte at a time, so that the first wrong byte is reported at once.
  return Math.min(available + 1, preface.length);
}
