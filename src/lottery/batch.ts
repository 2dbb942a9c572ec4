import type { AgencyId } from "./bet.ts";

/** The bets of a batch as they travel: bytes, not objects (intake is measured in nanoseconds a bet). */
export interface BatchBets {
  readonly agency: AgencyId;
  /** Bets in `lines`, at least 1. */
  readonly count: number;
  /** Canonical lines. Whoever receives a batch copies what it keeps: the bytes are the sender's. */
  readonly lines: Uint8Array;
}

/** A batch of a dialect that numbers them. */
export interface Batch extends BatchBets {
  /** From 1, without holes, per agency and draw. */
  readonly sequence: number;
}

/** A batch of a dialect without numbers: {@link ./repetitions.ts} tells whether it comes again. */
export interface UnnumberedBatch extends BatchBets {
  readonly place: Place;
}

/** What the connection tells of where a batch without a number stands in what its agency sends. */
export type Place =
  /** The first on a connection that is a whole run: the agency begins with its first bet. */
  | "run-start"
  /** The first on a connection which may begin a run, or go on with one. */
  | "connection-start"
  /** Comes after another one on the same connection. */
  | "following"
  /** One bet sent by itself, which is a run of its own. */
  | "alone";
