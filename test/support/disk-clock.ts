import type { Clock } from "../../src/store/clock.ts";

interface Timer {
  readonly atMs: number;
  readonly callback: () => void;
}

/** A clock whose timers wait until it is turned. Turns of the event loop are real. */
export class FakeClock implements Clock {
  #nowMs = 0;
  #timers: Timer[] = [];

  /** Timers that wait. */
  get pending(): number {
    return this.#timers.length;
  }

  nowMs(): number {
    return this.#nowMs;
  }

  soon(callback: () => void): void {
    setImmediate(callback);
  }

  after(delayMs: number, callback: () => void): () => void {
    const timer = { atMs: this.#nowMs + delayMs, callback };
    this.#timers.push(timer);
    return () => {
      this.#timers = this.#timers.filter((other) => other !== timer);
    };
  }

  afterIfAlive(delayMs: number, callback: () => void): () => void {
    return this.after(delayMs, callback);
  }

  /** Lets time pass, and calls what is due in its order. */
  advance(ms: number): void {
    this.#nowMs += ms;
    const due = this.#timers.filter(({ atMs }) => atMs <= this.#nowMs);
    this.#timers = this.#timers.filter(({ atMs }) => atMs > this.#nowMs);
    for (const { callback } of due.toSorted((a, b) => a.atMs - b.atMs)) callback();
  }
}
