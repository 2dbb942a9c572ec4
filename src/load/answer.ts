import type { Welcome } from "../protocols/dialects/native/wire.ts";

/** What a central says, as far as a load generator has to know it. */
export type Answer =
  | { readonly kind: "welcome"; readonly welcome: Welcome }
  /** One batch is not taken, or not now. */
  | { readonly kind: "refused"; readonly reason: string }
  /** The agency's end is recorded. */
  | { readonly kind: "noted" }
  /** The draw has not happened. */
  | { readonly kind: "not-yet" }
  /** Winners, or a part of them. */
  | { readonly kind: "winners"; readonly count: number; readonly last: boolean }
  /** Nothing good can follow. */
  | { readonly kind: "broken"; readonly reason: string };

export interface AnswerListener {
  /** So many batches, the oldest unanswered ones, are stored. Called for every read: it must be cheap. */
  accepted(batches: number): void;
  /** Anything else. */
  heard(answer: Answer): void;
}

/** What cannot be told by the dialect's own decoder. */
export function broken(reason: string): Answer {
  return { kind: "broken", reason };
}
