import { LinkError } from "../protocols/agency-link.ts";
import { AgencyError } from "./agency-error.ts";

/**
 * So many times in a row a central must end the connection at the very same point before that counts
 * as a refusal. A central that is being restarted does it once or twice.
 */
export const ENDS_MAX = 20;

/**
 * Some of the dialects that number nothing have no word for "no": their central ends the connection
 * instead, and would do so for ever. This tells a refusal from a failure that passes.
 */
export class RefusedByEnd {
  #at: string | undefined;
  #times = 0;

  /**
   * Takes note of how an attempt failed.
   *
   * @param at what was being sent, for people
   * @throws AgencyError SENDING_CLOSED when the central has done it too often
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
