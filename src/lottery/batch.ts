import type { AgencyId } from "./bet.ts";

/** The bets of a batch, as bytes and not as objects: taking in a bet may cost nanoseconds only. */
export interface BatchBets {
  readonly agency: AgencyId;
  /** Number of bets in `lines`, at least 1. */
  readonly count: number;
  /** Canonical lines. The bytes belong to the sender: a receiver copies what it keeps. */
  readonly lines: Uint8Array;
}

/** A batch of a dialect that numbers them. */
export interface Batch extends BatchBets {
  /** From 1, without holes, per agency and draw. */
  readonly sequence: number;
}

/** A batch of a dialect without numbers: {@link ./repetitions.ts} finds out whether it is a repeated one. */
export interface UnnumberedBatch extends BatchBets {
  readonly place: Place;
}

/** The place of a batch without a number in what its agency sends, as far as its connection shows it. */
export type Place =
  /** The first batch of a connection that carries a whole run: the agency begins with its first bet. */
  | "run-start"
  /** The first batch of a connection that may begin a run, or go on with one. */
  | "connection-start"
  /** Comes after another batch on the same connection. */
  | "following"
  /** One bet sent by itself, which is a run of its own. */
  | "alone";
