import { LinkError } from "../protocols/agency-link.ts";
import { AgencyError } from "./agency-error.ts";

/**
 * A central must end the connection at the same point so many times in a row before this counts as a refusal.
 * A central that restarts does it once or twice.
 */
export const ENDS_MAX = 20;

/**
 * Some dialects without numbers have no answer for a refusal: the central ends the connection instead, and
 * would do so at every attempt. This decides whether it is a refusal or a failure that passes.
 */
export class RefusedByEnd {
  #at: string | undefined;
  #times = 0;

  /**
   * Call it with the error of each failed attempt.
   *
   * @param at what was being sent, for the message
   * @throws AgencyError SENDING_CLOSED when the central has ended the connection too often
   */
  note(error: unknown, at: string): void {
    const ended = error instanceof LinkError && error.code === "CONNECTION_ENDED";
    this.#times = ended && at === this.#at ? this.#times + 1 : 1;
    this.#at = ended ? at : undefined;
    if (!ended || this.#times < ENDS_MAX) return;
    throw new AgencyError(
      "SENDING_CLOSED",
      `Cannot send ${at}: the central ended the connection at it ${ENDS_MAX} times, which is how this dialect refuses; its log says why`,
      { cause: error },
    );
  }
}
