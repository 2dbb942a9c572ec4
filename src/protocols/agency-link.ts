import type { Duplex } from "node:stream";
import type { AgencyId, Bet } from "../lottery/bet.ts";
import type { DoneClaim, DrawState } from "../lottery/draw-book.ts";
import type { FlawField } from "../lottery/flaw.ts";
import type { Standing } from "../lottery/standing.ts";

/** A connection to the central. */
export interface Connection extends Duplex {
  /** As TCP's sockets have it: ends the connection, and nothing that waits to be sent is sent. */
  resetAndDestroy?(): unknown;
}

/** Opens one connection to the central. @throws LinkError with code CONNECT_FAILED */
export type Connect = (signal: AbortSignal) => Promise<Connection>;

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
   * Another session of the same agency has taken over. Final, unless a greeting that this agency left
   * behind explains it.
   */
  | "FENCED"
  /** The central refuses this agency, draw or conversation. Final. */
  | "REFUSED"
  /** The central says what it must not: a wrong chain head, bytes that are no message. Final. */
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
   * The connection was given up with its greeting unanswered. The central may read that yet, and then
   * takes this agency to have come anew: whatever session it has by then is FENCED.
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

/** The central breaks its own protocol: nothing it says can be believed. */
export function unsound(state: string, cause?: unknown): LinkError {
  return new LinkError("CENTRAL_UNSOUND", `Cannot trust the central: ${state}`, { cause });
}

/** The connection is of no more use; another one may be. */
export function lost(state: string, cause?: unknown): LinkError {
  return new LinkError("CONNECTION_LOST", `Cannot go on with the central: ${state}`, { cause });
}

/** The central says no to what is not a batch. */
export function refused(what: string): LinkError {
  return new LinkError("REFUSED", `Cannot go on with the central: it refuses ${what}`);
}

/** The central says something that is no answer to what was asked. */
export function notAnAnswer({ kind }: { readonly kind: string }): LinkError {
  return unsound(`it answers ${kind} to something else`);
}

/** A batch on its way out. */
export interface OutgoingBatch {
  readonly sequence: number;
  readonly bets: readonly Bet[];
  /** The same bets as canonical lines. */
  readonly lines: Uint8Array;
}

/** What the central said to a batch. */
export type Answer =
  /** Durable. `head` is the central's chain head after it, where the dialect carries one. */
  | { readonly kind: "accepted"; readonly head?: Uint8Array }
  | {
      readonly kind: "rejected";
      /** The central's code, as the dialect spells it. */
      readonly code: string;
      /** First bad bet in the batch, from 0, and its field, where the dialect tells. */
      readonly index?: number;
      readonly field?: FlawField;
      readonly reason: string;
    }
  /** Nothing stored; send the same batch again after the pause. */
  | { readonly kind: "busy"; readonly retryAfterMs: number }
  /** Nothing stored, because an earlier batch was not: send it again after that one. */
  | { readonly kind: "skipped" };

export interface LinkDraw {
  readonly name: string;
  readonly state: DrawState;
}

export interface LinkResults {
  /** Their documents, as the dialect carries them. */
  readonly winners: readonly string[];
  /** The same winners as whole bets, where the dialect carries all their fields. */
  readonly winningBets?: readonly Bet[];
  readonly winningNumber?: number;
  readonly seal?: Uint8Array;
}

/**
 * The agency's side of a dialect: one greeting's worth of conversation, over as many connections as
 * the dialect uses. A link that has thrown is finished: close it and dial again.
 *
 * All methods throw {@link LinkError}.
 */
export interface AgencyLink {
  /**
   * Where the central says this agency stands; undefined in dialects that cannot tell, where a run
   * always starts from the first bet.
   */
  readonly standing: Standing | undefined;
  /** The draw that this agency takes part in, as it was at the greeting; where the dialect tells. */
  readonly draw?: LinkDraw;
  /**
   * Whether `standing` continues the chain of the bets it counts. False when the central's store does
   * not remember batches: `standing.bets` bets are stored, but sequences begin at 1 and the head at
   * zeros again, so an agency goes on after that many bets and cannot check that they are its own.
   */
  readonly chainKnown: boolean;
  /** How many batches may be sent without an answer, at least 1. */
  readonly window: number;
  /** Sends a batch. Callers keep within `window`; answers come in order. */
  send(batch: OutgoingBatch): Promise<Answer>;
  /** Sends a single bet as the dialect sends one. */
  sendSingle(batch: OutgoingBatch): Promise<Answer>;
  /** Says that everything was sent; resolves when the central has it recorded. */
  done(claim: DoneClaim): Promise<void>;
  /**
   * Waits for the draw, or asks until it has happened, as the dialect does.
   * @returns undefined in dialects that know no draw
   */
  results(): Promise<LinkResults | undefined>;
  /** Ends the conversation politely. Idempotent, never throws. */
  close(): Promise<void>;
}

/** How large a batch grows on the wire in a dialect, so that batches are cut by bytes too. */
export interface BatchMeasure {
  /** Bytes of an empty batch's frame. */
  readonly overheadBytes: number;
  /**
   * Bytes one bet adds.
   * @param lineBytes size of its canonical line
   * @param index its place in the batch, from 0: some dialects write that too
   */
  betBytes(bet: Bet, lineBytes: number, index: number): number;
}

export interface DialContext {
  readonly agency: AgencyId;
  /** The draw's name, or "" for the central's current one. */
  readonly draw: string;
  readonly connect: Connect;
  /** How long an answer to a message may take; the draw itself may take for ever. */
  readonly answerTimeoutMs: number;
  readonly frameBytesMax: number;
  /** Aborts everything: pending promises reject. */
  readonly signal: AbortSignal;
}

export interface AgencyDialer {
  /** The dialect knows no draw: an agency that speaks it never counts as done. */
  readonly drawless?: boolean;
  readonly measure: BatchMeasure;
  /** Why a bet cannot be carried in this dialect, beyond being valid; undefined when it can. */
  unfit?(bet: Bet): { readonly field: FlawField; readonly reason: string } | undefined;
  /** Connects and greets. @throws LinkError */
  dial(context: DialContext): Promise<AgencyLink>;
}
