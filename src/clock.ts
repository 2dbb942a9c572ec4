import { performance } from "node:perf_hooks";

/**
 * Time as a port: stores, sessions and the load generator use it for clocks and timers, so that tests and
 * simulations can control time. Code that needs less asks for a part of this interface.
 */
export interface Clock {
  /** Milliseconds, with fractions, since some fixed moment; never goes back. */
  nowMs(): number;
  /** The date and time of day. It may go back, and may be wrong. */
  date(): Date;
  /** Calls back after the input that has arrived was handled. */
  soon(callback: () => void): void;
  /** Calls back once after `delayMs`. @returns cancels it */
  after(delayMs: number, callback: () => void): () => void;
  /** As {@link after}, but does not keep the process alive: for retries, never for what was promised. */
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

/** As {@link pause}, but keeps no process alive: for trying again. */
export function pauseIfAlive(
  clock: Pick<Clock, "afterIfAlive">,
  delayMs: number,
  signal?: AbortSignal,
): Promise<void> {
  return pause({ after: clock.afterIfAlive.bind(clock) }, delayMs, signal);
}

/** Resolves after `delayMs`. Rejects with the signal's reason as soon as the signal aborts. */
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
