import type { RetryConfig } from "../config/agency-config.ts";

/** The longest pause that a busy central can ask for. Up to half of it is added at random. */
export const RETRY_AFTER_MAX_MS = 60_000;

export interface Backoff {
  /**
   * The pause before the next attempt, in milliseconds.
   *
   * @param retryAfterMs the pause that the central asked for: this one is at least as long, within bounds
   */
  next(retryAfterMs?: number): number;
  /** There was progress: the next pause is short again. */
  reset(): void;
}

/**
 * Exponential back-off with full jitter: a pause is a random time up to a ceiling, and the ceiling doubles.
 * So agencies that lost their central at the same time do not come back at the same time.
 */
export function createBackoff(
  retry: Pick<RetryConfig, "firstDelayMs" | "delayMaxMs">,
  random: () => number,
): Backoff {
  let ceilingMs = retry.firstDelayMs;
  return {
    next(retryAfterMs = 0) {
      const jitteredMs = random() * Math.min(ceilingMs, retry.delayMaxMs);
      ceilingMs = Math.min(ceilingMs * 2, retry.delayMaxMs);
      return retryAfterMs > 0
        ? Math.max(jitteredMs, busyPauseMs(retryAfterMs, random))
        : jitteredMs;
    },
    reset() {
      ceilingMs = retry.firstDelayMs;
    },
  };
}

/** The pause that a busy central asked for, at most {@link RETRY_AFTER_MAX_MS}, plus up to half of it. */
export function busyPauseMs(retryAfterMs: number, random: () => number): number {
  return Math.min(retryAfterMs, RETRY_AFTER_MAX_MS) * (1 + random() / 2);
}
