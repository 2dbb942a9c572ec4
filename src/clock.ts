import { performance } from "node:perf_hooks";

/**
 * Time as a port: stores, sessions and the load generator read no other clock and set no other timer, so
 * that tests and simulations turn it by hand. Where less will do, a part of this is asked for.
 */
export interface Clock {
  /** Milliseconds, with fractions, since some fixed moment; never goes back. */
  nowMs(): number;
  /** The date and time of day: may go back, and may be wrong. */
  date(): Date;
  /** Calls back after the input that is at hand has been handled. */
  soon(callback: () => void): void;
  /** Calls back once after `delayMs`. @returns cancels */
  after(delayMs: number, callback: () => void): () => void;
  /** As {@link after}, but keeps no process alive: for trying again, never for what was promised. */
  afterIfAlive(delayMs: number, callback: () => void): () => void;
  /** Calls back again and again without keeping the process alive. @returns stops it */
  every(periodMs: number, callback: () => void): () => void;
}

export const systemClock: Clock = {
  nowMs: () => performance.now(),
  date: () => new Date(),
  soon: (callback) => void setImmediate(callback),
  after: (delayMs, callback) => {
    const timer = setTimeout(callback, delayMs);
    return () => clearTimeout(timer);
  },
  afterIfAlive: (delayMs, callback) => {
    const timer = setTimeout(callback, delayMs).unref();
    return () => clearTimeout(timer);
  },
  every: (periodMs, callback) => {
    const timer = setInterval(callback, periodMs).unref();
    return () => clearInterval(timer);
  },
};

/** Resolves after `delayMs`. Rejects with the signal's reason as soon as that is aborted. */
export function pause(
  clock: Pick<Clock, "after">,
  delayMs: number,
  signal?: AbortSignal,
): Promise<void> {
  return new Promise((resolve, reject) => {
    signal?.throwIfAborted();
    const aborted = (): void => {
      cancel();
      reject(signal?.reason as Error);
    };
    const cancel = clock.after(delayMs, () => {
      signal?.removeEventListener("abort", aborted);
      resolve();
    });
    signal?.addEventListener("abort", aborted, { once: true });
  });
}
