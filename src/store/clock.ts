import { performance } from "node:perf_hooks";

/** Time as the stores need it: a port, so that tests and simulations turn it by hand. */
export interface Clock {
  /** Milliseconds, with fractions, since some fixed moment; never goes back. */
  nowMs(): number;
  /** Calls back after the input that is at hand has been handled. */
  soon(callback: () => void): void;
  /** Calls back once after `delayMs`. @returns cancels */
  after(delayMs: number, callback: () => void): () => void;
  /** As {@link after}, but keeps no process alive: for trying again, never for what was promised. */
  afterIfAlive(delayMs: number, callback: () => void): () => void;
}

export const systemClock: Clock = {
  nowMs: () => performance.now(),
  soon: (callback) => {
    setImmediate(callback);
  },
  after: (delayMs, callback) => {
    const timer = setTimeout(callback, delayMs);
    return () => clearTimeout(timer);
  },
  afterIfAlive: (delayMs, callback) => {
    const timer = setTimeout(callback, delayMs).unref();
    return () => clearTimeout(timer);
  },
};
