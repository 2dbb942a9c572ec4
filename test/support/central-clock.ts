import type { Clock } from "../../src/central/clock.ts";

export interface FakeClock extends Clock {
  /** Lets time pass, and calls what falls due, in order. */
  tick(ms: number): void;
  /** Sets the date without letting time pass. */
  setDate(date: Date): void;
  /** Timers that are running. */
  readonly timers: number;
}

interface Timer {
  atMs: number;
  readonly periodMs: number | undefined;
  readonly callback: () => void;
}

/** Time that passes only when a test says so. */
export function fakeClock(start: Date = new Date("2024-08-21T22:11:15Z")): FakeClock {
  const timers = new Set<Timer>();
  let nowMs = 1000;
  let date = start;
  const add = (delayMs: number, periodMs: number | undefined, callback: () => void) => {
    const timer: Timer = { atMs: nowMs + delayMs, periodMs, callback };
    timers.add(timer);
    return () => void timers.delete(timer);
  };
  return {
    nowMs: () => nowMs,
    date: () => date,
    // Input is real where time is not.
    soon: (callback) => void setImmediate(callback),
    every: (periodMs, callback) => add(periodMs, periodMs, callback),
    after: (delayMs, callback) => add(delayMs, undefined, callback),
    setDate: (to) => {
      date = to;
    },
    get timers() {
      return timers.size;
    },
    tick(ms) {
      const endMs = nowMs + ms;
      for (;;) {
        const [next] = [...timers].toSorted((a, b) => a.atMs - b.atMs);
        if (next === undefined || next.atMs > endMs) break;
        date = new Date(date.getTime() + next.atMs - nowMs);
        nowMs = next.atMs;
        if (next.periodMs === undefined) timers.delete(next);
        else next.atMs += next.periodMs;
        next.callback();
      }
      date = new Date(date.getTime() + endMs - nowMs);
      nowMs = endMs;
    },
  };
}
