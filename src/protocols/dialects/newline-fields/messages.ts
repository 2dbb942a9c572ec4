import type { AgencyId, Bet } from "../../../lottery/bet.ts";

/** Bets as a central reads them. */
export interface Batch {
  readonly kind: "batch";
  /** False for exercises 5 and 6, whose messages have no first line that says what they are. */
  readonly typed: boolean;
  /** One bet by itself: exercise 5, or a batch of one of exercise 6, which are the same bytes. */
  readonly single: boolean;
  /** The number in the first bet; NaN when that is none, or when there is no bet. */
  readonly agency: number;
  /** Bets that were begun. 0 only for the empty batch. */
  readonly count: number;
  /** Canonical lines of the bets that are whole: one fewer than `count` if the last one is not. */
  readonly lines: Uint8Array;
  /** Whether the message as a whole is UTF-8. */
  readonly readable: boolean;
}

/** What a central hears. */
export type ClientMessage =
  | Batch
  /** All bets were sent. */
  | { readonly kind: "confirmation"; readonly agency: number }
  /** Which bets won? */
  | { readonly kind: "question"; readonly agency: number }
  /** It is not UTF-8, and no batch either. */
  | { readonly kind: "unreadable" };

/** What an agency says. */
export type AgencyMessage =
  | { readonly kind: "batch"; readonly typed: boolean; readonly bets: readonly Bet[] }
  | { readonly kind: "confirmation"; readonly agency: AgencyId }
  | { readonly kind: "question"; readonly agency: AgencyId };

/** What a central says, and an agency hears. */
export type CentralMessage =
  | { readonly kind: "stored" }
  | { readonly kind: "noted" }
  | { readonly kind: "winners"; readonly documents: readonly string[] }
  | { readonly kind: "unreadable" };
