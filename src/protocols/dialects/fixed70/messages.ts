import type { Bet } from "../../../lottery/bet.ts";
import type { Version } from "./layout.ts";

/** Bets as the central gets them: one, in ej5, or a batch. */
export interface Batch {
  readonly kind: "batch";
  readonly version: Version;
  /** The hello's; in versions without one, that of the first record. */
  readonly agency: number;
  /** At least 1. */
  readonly count: number;
  /** Canonical lines: a view. */
  readonly lines: Uint8Array;
}

/** A count of zero: the end and the question for the winners, or a batch without bets. */
export interface Zero {
  readonly kind: "zero";
  readonly version: Exclude<Version, "ej5">;
  /** The hello's; 0 in ej6, which has none. */
  readonly agency: number;
}

/** What a client says, decoded. The hello comes with the first message: it is not answered. */
export type ClientMessage = Batch | Zero;

/** What an agency says. */
export type AgencyMessage =
  | { readonly kind: "hello"; readonly agency: number }
  /** A bet alone, of ej5. */
  | { readonly kind: "bet"; readonly bet: Bet }
  | { readonly kind: "batch"; readonly bets: readonly Bet[] }
  | { readonly kind: "zero" };

/** What a central says. */
export type CentralMessage =
  | { readonly kind: "confirmation"; readonly version: Version }
  /** Documents, without leading zeros. */
  | { readonly kind: "winners"; readonly documents: readonly string[] };
