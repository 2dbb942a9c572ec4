import { LinkError } from "../protocols/agency-link.ts";
import { AgencyError } from "./agency-error.ts";
import type { AgencyRun } from "./agency-run.ts";
import { createBackoff } from "./backoff.ts";
import { Ghosts } from "./ghosts.ts";
import { RarerLines } from "./rarer-lines.ts";

/** An attempt calls these while it runs. */
export interface Contact {
  /** There is a central: when this attempt fails, the time without one begins again. */
  connected(): void;
  /** The central did what was asked: the next pause is short. */
  progressed(): void;
}

/**
 * Attempts something until it succeeds or fails for good, with a pause after every failure that may pass
 * ({@link LinkError.transient}, and fences that {@link Ghosts} explain). Logs failures, and fewer and fewer
 * of them while there is no progress ({@link RarerLines}).
 *
 * @throws AgencyError GAVE_UP when there was no central for `retry.giveUpAfterMs`; other errors of the
 * attempt
 */
export async function retry<T>(
  run: AgencyRun,
  attempt: (contact: Contact) => Promise<T>,
): Promise<T> {
  const { giveUpAfterMs } = run.config.retry;
  const backoff = createBackoff(run.config.retry, run.random);
  const ghosts = new Ghosts(run.now);
  let aloneSinceMs = run.now();
  const lines = new RarerLines();
  for (;;) {
    let connected = false;
    const contact: Contact = {
      connected: () => {
        connected = true;
      },
      progressed: () => {
        backoff.reset();
        lines.reset();
      },
    };
    try {
      return await attempt(contact);
    } catch (error) {
      if (run.signal.aborted || !(error instanceof LinkError)) throw error;
      const explained = ghosts.explain(error);
      if (!explained && !error.transient) throw error;
      if (connected) aloneSinceMs = run.now();
      const leftMs = giveUpAfterMs === 0 ? Infinity : giveUpAfterMs - (run.now() - aloneSinceMs);
      if (leftMs <= 0) {
        throw new AgencyError(
          "GAVE_UP",
          `Gave up after ${giveUpAfterMs} ms without a central: ${error.message}`,
          { cause: error },
        );
      }
      const delayMs = Math.min(backoff.next(error.retryAfterMs), leftMs);
      const action = connected ? "connection_lost" : "connect";
      const times = lines.next(`${action} ${error.code}`);
      if (times !== undefined) {
        run.logger.log("warning", {
          action,
          // Not a failure yet: agencies often start before their central listens.
          result: "in_progress",
          client_id: run.config.id,
          server_address: run.config.serverAddress,
          attempt: times,
          retry_in_ms: Math.round(delayMs),
          error: error.message,
        });
      }
      await run.sleep(delayMs, run.signal);
    }
  }
}
