import type { Refusal } from "../../counter.ts";
import { pauseMs } from "./answers.ts";
import type { Busy, ErrorCode, ErrorMessage } from "./wire.ts";

/** What ends a conversation with a draw that is cancelled. */
export const CANCELLED = "there will be no draw: it is cancelled";

/** What tells a client that it is not admitted, or no longer: the last message to it. */
export function refusalMessage(refusal: Refusal): ErrorMessage | Busy {
  if (refusal.kind === "too-many-connections") {
    return { kind: "busy", sequence: 0, retryAfterMs: pauseMs(refusal.retryAfterMs) };
  }
  const [code, text] = REFUSALS[refusal.kind];
  return { kind: "error", code, fatal: true, text };
}

const REFUSALS = {
  "unknown-agency": ["UNKNOWN_AGENCY", "the draw has no such agency"],
  "unknown-draw": ["UNKNOWN_DRAW", "this central does not hold that draw"],
  "draw-cancelled": ["DRAW_CANCELLED", CANCELLED],
  "no-current-draw": ["NO_CURRENT_DRAW", "no draw is open, or several are: name one"],
  // No more: who guesses must not learn how near it is.
  unproven: ["UNPROVEN", "it is not proven that this is the agency; the central's log says more"],
} as const satisfies Record<
  Exclude<Refusal["kind"], "too-many-connections">,
  readonly [ErrorCode, string]
>;
