import type { DoneClaim, DrawState } from "../../../lottery/draw-book.ts";
import type { FlawField } from "../../../lottery/flaw.ts";
import type { ErrorCode, RejectCode } from "./layout.ts";

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
