import type { AgencyId } from "./bet.ts";

/** A batch as it travels: bytes, not objects (intake is measured in nanoseconds a bet). */
export interface Batch {
  readonly agency: AgencyId;
  /** From 1, without holes, per agency and draw. */
  readonly sequence: number;
  /** Bets in `lines`, at least 1. */
  readonly count: number;
  /** Canonical lines. Whoever receives a batch copies what it keeps: the bytes are the sender's. */
  readonly lines: Uint8Array;
}
