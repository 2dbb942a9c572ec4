import type { Bet } from "../../../lottery/bet.ts";

/** What the central hears. */
export type ClientMessage = BatchMessage | DoneMessage | QuestionMessage;

export interface BatchMessage {
  readonly kind: "batch";
  readonly agency: number;
  /** Lines of the body: bets, if they can be read as such. */
  readonly count: number;
  /** Canonical lines; what is no bet is a line that is none. */
  readonly lines: Uint8Array;
  /** As exercises 5 and 6 have it: without a type, answered without CR, and nothing may follow. */
  readonly untyped: boolean;
}

export interface DoneMessage {
  readonly kind: "done";
  readonly agency: number;
}

export interface QuestionMessage {
  readonly kind: "question";
  readonly agency: number;
}

/** What the central says. */
export type CentralMessage =
  | { readonly kind: "taken"; readonly untyped?: boolean }
  | { readonly kind: "refused"; readonly untyped?: boolean }
  | { readonly kind: "not-yet" }
  | { readonly kind: "winners"; readonly winners: readonly Bet[] };

/** What the agency hears. */
export type Reply =
  | { readonly kind: "taken" }
  | { readonly kind: "refused" }
  | { readonly kind: "not-yet" }
  | {
      readonly kind: "winners";
      readonly documents: readonly string[];
      /** The same as whole bets; undefined when a line could be cut into fields in several ways. */
      readonly bets: readonly Bet[] | undefined;
    };
