import type { Duplex } from "node:stream";
import type { AgencyId, Bet } from "../lottery/bet.ts";
import type { DoneClaim, DrawState } from "../lottery/draw-book.ts";
import type { FlawField } from "../lottery/flaw.ts";
import type { SealProof } from "../lottery/seal.ts";
import type { Standing } from "../lottery/standing.ts";

/** A connection to the central. */
export interface Connection extends Duplex {
  /** As TCP sockets have it: ends the connection without sending what still waits. */
  resetAndDestroy?(): unknown;
}

/**
 * Opens one connection to the central.
 *
 * @param announced the dialect that is going to be spoken, for a TLS handshake (ALPN) [nothing is said of it]
 * @throws LinkError with code CONNECT_FAILED, CENTRAL_UNPROVEN or REFUSED
 */
export type Connect = (signal: AbortSignal, announced?: string) => Promise<Connection>;

export type LinkErrorCode =
  /** No connection could be made. Worth trying again. */
  | "CONNECT_FAILED"
  /** The connection ended, or the peer did not answer in time. Worth trying again. */
  | "CONNECTION_LOST"
  /** The central ended the connection instead of answering. Worth trying again, though not for ever. */
  | "CONNECTION_ENDED"
  /** The central asks to come back later: see `retryAfterMs`. Worth trying again. */
  | "CENTRAL_BUSY"
  /**
   * Another session of the same agency has taken over. Final, unless an unanswered greeting of this agency
   * explains it (see `greetingLeft`).
   */
  | "FENCED"
  /** The central refuses this agency, draw or conversation. Final. */
  | "REFUSED"
  /** The central has not proven who it is, or speaks no TLS. Final. */
  | "CENTRAL_UNPROVEN"
  /** The central breaks the protocol: a wrong chain head, bytes that are not a message. Final. */
  | "CENTRAL_UNSOUND";

export interface LinkErrorOptions {
  readonly cause?: unknown;
  readonly retryAfterMs?: number;
  readonly greetingLeft?: boolean;
}

export class LinkError extends Error {
  readonly code: LinkErrorCode;
  readonly retryAfterMs: number | undefined;
  /**
   * The connection was given up before its greeting was answered. The central may still read the greeting
   * later. Then it takes it for a new session of this agency, and ends the real one with FENCED.
   */
  readonly greetingLeft: boolean;

  constructor(code: LinkErrorCode, message: string, options: LinkErrorOptions = {}) {
    super(message, options.cause === undefined ? {} : { cause: options.cause });
    this.name = "LinkError";
    this.code = code;
    this.retryAfterMs = options.retryAfterMs;
    this.greetingLeft = options.greetingLeft ?? false;
  }

  /** Whether another attempt may succeed. */
  get transient(): boolean {
    return (
      this.code === "CONNECT_FAILED" ||
      this.code === "CONNECTION_LOST" ||
      this.code === "CONNECTION_ENDED" ||
      this.code === "CENTRAL_BUSY"
    );
  }
}

/** The error when the central breaks the protocol: nothing that it says can be believed. */
export function unsound(state: string, cause?: unknown): LinkError {
  return new LinkError("CENTRAL_UNSOUND", `Cannot trust the central: ${state}`, { cause });
}

/** The error when a connection is lost; another connection may succeed. */
export function lost(state: string, cause?: unknown): LinkError {
  return new LinkError("CONNECTION_LOST", `Cannot go on with the central: ${state}`, { cause });
}

/** The error when the central refuses something that is not a batch. */
export function refused(what: string): LinkError {
  return new LinkError("REFUSED", `Cannot go on with the central: it refuses ${what}`);
}

/** The error when the central's message does not answer the question. */
export function notAnAnswer({ kind }: { readonly kind: string }): LinkError {
  return unsound(`it answers ${kind} to something else`);
}

/** A batch to be sent. */
export interface OutgoingBatch {
  readonly sequence: number;
  readonly bets: readonly Bet[];
  /** The same bets as canonical lines. */
  readonly lines: Uint8Array;
}

/** The central's answer to a batch. */
export type Answer =
  /** The batch is durable. `head` is the central's chain head after it, if the dialect sends one. */
  | { readonly kind: "accepted"; readonly head?: Uint8Array }
  | {
      readonly kind: "rejected";
      /** The central's code, as the dialect spells it. */
      readonly code: string;
      /** First bad bet in the batch, from 0, and its field, if the dialect says it. */
      readonly index?: number;
      readonly field?: FlawField;
      readonly reason: string;
    }
  /** Nothing was stored: send the same batch again after the pause. */
  | { readonly kind: "busy"; readonly retryAfterMs: number }
  /** Nothing was stored, because an earlier batch was not: send it again after that one. */
  | { readonly kind: "skipped" };

export interface LinkDraw {
  readonly name: string;
  readonly state: DrawState;
}

export interface LinkResults {
  /** The documents of this agency's winners, as the dialect sends them. */
  readonly winners: readonly string[];
  /** The same winners as whole bets, if the dialect sends all fields. */
  readonly winningBets?: readonly Bet[];
  readonly winningNumber?: number;
  readonly seal?: Uint8Array;
}

/** What shows an agency that the seal has its batches. */
export interface LinkSealShare {
  /** Whether the draw was closed before the agency was done. */
  readonly closedOut: boolean;
  /** Undefined when the seal is of a form that proves nothing to one agency. */
  readonly proof: SealProof | undefined;
}

/**
 * The agency's side of a dialect: one conversation, over as many connections as the dialect uses. A link
 * that has thrown is finished: close it and dial again.
 *
 * All methods throw {@link LinkError}.
 */
export interface AgencyLink {
  /**
   * This agency's standing, as the central sees it; undefined in dialects that do not send it: there a run
   * always starts from the first bet.
   */
  readonly standing: Standing | undefined;
  /** The draw that this agency takes part in, as it was at the greeting, if the dialect sends it. */
  readonly draw?: LinkDraw;
  /**
   * Whether `standing` has the chain head of the bets that it counts. False when the central's store does not
   * remember batches: then `standing.bets` bets are stored, but sequences begin at 1 and the head at zeros
   * again. So an agency goes on after that many bets and cannot check that they are its own.
   */
  readonly chainKnown: boolean;
  /** How many batches may be unanswered at the same time, at least 1. */
  readonly window: number;
  /** Sends a batch. Callers must not exceed `window`; answers come in order. */
  send(batch: OutgoingBatch): Promise<Answer>;
  /** Sends a batch of one bet as the dialect sends a single bet. */
  sendSingle(batch: OutgoingBatch): Promise<Answer>;
  /** Sends DONE; resolves when the central has recorded it. */
  done(claim: DoneClaim): Promise<void>;
  /**
   * Waits for the draw, or asks again and again until it has happened, as the dialect does.
   * @returns undefined in dialects without a draw
   */
  results(): Promise<LinkResults | undefined>;
  /**
   * Asks, after the results, how the draw's seal shows that it has this agency's batches; undefined in
   * dialects that cannot.
   */
  sealShare?(): Promise<LinkSealShare>;
  /** Ends the conversation politely. Idempotent, never throws. */
  close(): Promise<void>;
}

/** The size of a batch on the wire in a dialect: batches are also limited in bytes. */
export interface BatchMeasure {
  /** Bytes of an empty batch's frame. */
  readonly overheadBytes: number;
  /**
   * Bytes that one bet adds.
   * @param lineBytes size of its canonical line
   * @param index its index in the batch, from 0: some dialects send it too
   */
  betBytes(bet: Bet, lineBytes: number, index: number): number;
}

export interface DialContext {
  readonly agency: AgencyId;
  /** The draw's name, or "" for the central's current one. */
  readonly draw: string;
  readonly connect: Connect;
  /**
   * Answers the central's challenge with the agency's token.
   *
   * @returns undefined when the agency has no token @throws LinkError when it must not be used here
   */
  readonly prove?: (challenge: Uint8Array, connection: Connection) => Uint8Array | undefined;
  /** How long an answer to a message may take; there is no limit for the draw itself. */
  readonly answerTimeoutMs: number;
  readonly frameBytesMax: number;
  /** Aborts everything: pending promises reject. */
  readonly signal: AbortSignal;
}

export interface AgencyDialer {
  /** The dialect has no draw: an agency that speaks it never counts as done. */
  readonly drawless?: boolean;
  /**
   * The greeting has the draw and the agency's standing, and answers have chain heads, which show that
   * batches are stored as they were sent: each answer, or the last of those that come together. Agencies keep
   * receipts only then.
   */
  readonly chained?: boolean;
  readonly measure: BatchMeasure;
  /** Why a valid bet cannot be sent in this dialect; undefined when it can. */
  unfit?(bet: Bet): { readonly field: FlawField; readonly reason: string } | undefined;
  /** Connects and greets. @throws LinkError */
  dial(context: DialContext): Promise<AgencyLink>;
}
