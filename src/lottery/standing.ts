import { FIRST_HEAD } from "./chain.ts";

/** How far an agency has come in a draw. */
export interface Standing {
  /** The sequence its next batch must have; the first is 1. */
  readonly nextSequence: number;
  /** Bets accepted so far. */
  readonly bets: number;
  /** Chain head after the last accepted batch, 32 bytes. */
  readonly head: Uint8Array;
  /** Whether the agency has said that it is done. */
  readonly done: boolean;
  /** Whether the draw was closed before the agency was done: it takes part with what it has [false]. */
  readonly closedOut?: boolean;
}

/** What all agencies of a draw have sent together. */
export interface Totals {
  readonly bets: number;
  readonly batches: number;
}

export const FIRST_STANDING: Standing = { nextSequence: 1, bets: 0, head: FIRST_HEAD, done: false };
