import type { Bet } from "../../../lottery/bet.ts";

/** Bets as the central gets them. */
export interface Batch {
  readonly kind: "batch";
  /** A single bet, with a code of its own. */
  readonly single: boolean;
  /** As the first bet says; 0 when that is no number. */
  readonly agency: number;
  /** As announced: `lines` has fewer, or more, where the packet is not what it should be. */
  readonly count: number;
  /** Canonical lines: a view. */
  readonly lines: Uint8Array;
}

/** What a client says, decoded. */
export type ClientMessage =
  | Batch
  /** A batch of no bets: the course's client ends its file with one. */
  | { readonly kind: "empty-batch" }
  | { readonly kind: "done"; readonly agency: number }
  | { readonly kind: "question"; readonly agency: number }
  | { readonly kind: "close" };

/** What an agency says. */
export type AgencyMessage =
  | { readonly kind: "bet"; readonly bet: Bet }
  | { readonly kind: "batch"; readonly bets: readonly Bet[] }
  | { readonly kind: "done"; readonly agency: number }
  | { readonly kind: "question"; readonly agency: number };

/** What a central says. */
export type CentralMessage =
  /** A bet or a batch is stored, or an agency is done. */
  | { readonly kind: "ok" }
  | { readonly kind: "refused"; readonly text: string }
  | { readonly kind: "winners"; readonly documents: readonly string[] }
  /** Not all agencies are done. */
  | { readonly kind: "not-yet" };
