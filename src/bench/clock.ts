import { performance } from "node:perf_hooks";

/** Time as the load generator needs it. */
export interface BenchClock {
  /** Milliseconds since some fixed moment, with a fraction; never goes back. */
  nowMs(): number;
  /** Calls back once after `delayMs`, as precisely as timers are. @returns cancels */
  after(delayMs: number, callback: () => void): () => void;
  /** Calls back in the event loop's next turn. */
  soon(callback: () => void): void;
}

export const realClock: BenchClock = {
  nowMs: () => performance.now(),
  after(delayMs, callback) {
    const timer = setTimeout(callback, delayMs);
    return () => clearTimeout(timer);
  },
  soon: (callback) => void setImmediate(callback),
};
