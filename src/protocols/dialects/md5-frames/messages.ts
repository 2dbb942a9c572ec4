import type { Bet } from "../../../lottery/bet.ts";

/** Bets as the central gets them. */
export interface Batch {
  readonly kind: "batch";
  /** 16 bytes, for the answer: a view. */
  readonly identifier: Uint8Array;
  /** A single bet, with a type of its own. */
  readonly single: boolean;
  /** As the first bet says; 0 when that is no number. */
  readonly agency: number;
  /** Parts of the payload, as many as `lines` has lines. */
  readonly count: number;
  /** Canonical lines, and lines that are none where a part is no bet: a view. */
  readonly lines: Uint8Array;
}

/** What a client says, decoded. */
export type ClientMessage =
  | Batch
  | {
      readonly kind: "done" | "question";
      /** 16 bytes, for the answer: a view. */
      readonly identifier: Uint8Array;
      /** 0 when the payload tells none. */
      readonly agency: number;
    };

/** What an agency says. */
export type AgencyMessage =
  | { readonly kind: "bet"; readonly bet: Bet }
  | { readonly kind: "batch"; readonly bets: readonly Bet[] }
  | { readonly kind: "done"; readonly agency: number }
  | { readonly kind: "question"; readonly agency: number };

/** What a central says. */
export type CentralAnswer =
  /** Bets are stored, or an agency is done. */
  | { readonly kind: "success" }
  | { readonly kind: "failure" }
  | { readonly kind: "winners"; readonly documents: readonly string[] }
  /** Not all agencies are done. */
  | { readonly kind: "in-progress" }
  /** To a question. */
  | { readonly kind: "question-failure" };

/** An answer, and what it is an answer to. */
export type CentralMessage = CentralAnswer & {
  /** That of the request, 16 bytes. */
  readonly identifier: Uint8Array;
};
