import type { Clock } from "../../src/clock.ts";

interface Timer {
  atMs: number;
  readonly periodMs: number | undefined;
  readonly callback: () => void;
}

/** Time that passes only when a test lets it pass. Turns of the event loop are real. */
export class FakeClock implements Clock {
  readonly #timers = new Set<Timer>();
  #nowMs = 1000;
  #date: Date;

  constructor(date: Date = new Date("2024-08-21T22:11:15Z")) {
    this.#date = date;
  }

  /** How many timers wait. */
  get timers(): number {
    return this.#timers.size;
  }

  nowMs(): number {
    return this.#nowMs;
  }

  date(): Date {
    return this.#date;
  }

  soon(callback: () => void): void {
    setImmediate(callback);
  }

  after(delayMs: number, callback: () => void): () => void {
    return this.#add(delayMs, undefined, callback);
  }

  afterIfAlive(delayMs: number, callback: () => void): () => void {
    return this.after(delayMs, callback);
  }

  every(periodMs: number, callback: () => void): () => void {
    return this.#add(periodMs, periodMs, callback);
  }

  /** Sets the date without letting time pass. */
  setDate(to: Date): void {
    this.#date = to;
  }

  /** Lets time pass, and calls each timer that becomes due, at its moment. */
  advance(ms: number): void {
    const endMs = this.#nowMs + ms;
    for (;;) {
      const [next] = [...this.#timers].toSorted((a, b) => a.atMs - b.atMs);
      if (next === undefined || next.atMs > endMs) break;
      this.#moveTo(next.atMs);
      if (next.periodMs === undefined) this.#timers.delete(next);
      else next.atMs += next.periodMs;
      next.callback();
    }
    this.#moveTo(endMs);
  }

  #moveTo(ms: number): void {
    this.#date = new Date(this.#date.getTime() + ms - this.#nowMs);
    this.#nowMs = ms;
  }

  #add(delayMs: number, periodMs: number | undefined, callback: () => void): () => void {
    const timer: Timer = { atMs: this.#nowMs + delayMs, periodMs, callback };
    this.#timers.add(timer);
    return () => void this.#timers.delete(timer);
  }
}
