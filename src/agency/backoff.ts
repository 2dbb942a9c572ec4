import type { RetryConfig } from "../config/agency-config.ts";

/** No central can make an agency wait longer than this before it asks again. */
export const RETRY_AFTER_MAX_MS = 60_000;

export interface Backoff {
  /**
   * The pause before the next attempt, in milliseconds.
   *
   * @param retryAfterMs what the central asked for, the least the pause may be
   */
  next(retryAfterMs?: number): number;
  /** There was progress: the next pause is short again. */
  reset(): void;
}

/**
 * Exponential back-off with full jitter: a pause is anything from nothing to a ceiling that doubles,
 * so that agencies that lost their central together do not come back together.
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

/** The pause that a busy central asked for, and up to half of it more, bounded. */
export function busyPauseMs(retryAfterMs: number, random: () => number): number {
  return Math.min(retryAfterMs, RETRY_AFTER_MAX_MS) * (1 + random() / 2);
}
