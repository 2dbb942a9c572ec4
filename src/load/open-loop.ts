import type { Clock } from "../clock.ts";
import { Histogram } from "./histogram.ts";
import type { Pace, Pumped } from "./pace.ts";

export interface OpenLoopOptions {
  /** Batches a second over all connections. */
  readonly ratePerSecond: number;
  readonly lanes: number;
  readonly clock: Clock;
  /** Wait for the next moment by turning the event loop, which takes a core, and not by timers. */
  readonly spin: boolean;
}

/** Timers are this late at most, when the machine is calm. */
const TIMER_MS = 2;

/**
 * Batches are due at fixed moments, whatever the central does; connections take turns. One that is late,
 * because its connection had no room, leaves as soon as it can, and its latency counts from the moment
 * at which it was due: a stall shows in the latency of every batch that it held up, sent or not.
 */
export class OpenLoop implements Pace {
  readonly #periodMs: number;
  readonly #lanes: number;
  readonly #clock: Clock;
  readonly #spin: boolean;
  #late = new Histogram();
  #startMs = Number.POSITIVE_INFINITY;
  #endMs = Number.POSITIVE_INFINITY;
  /** Batches whose moment has come, in all. */
  #past = 0;
  #cancel: () => void = () => undefined;

  constructor({ ratePerSecond, lanes, clock, spin }: OpenLoopOptions) {
    this.#periodMs = 1000 / ratePerSecond;
    this.#lanes = lanes;
    this.#clock = clock;
    this.#spin = spin;
  }

  /**
   * How long after its moment each batch was looked at: what the generator's own timers, and its want of
   * CPU, have added to the latencies at most.
   */
  get late(): Histogram {
    return this.#late;
  }

  mark(): void {
    this.#late = new Histogram();
  }

  dueMs(lane: number, begun: number): number {
    const dueMs = this.#dueMs(begun * this.#lanes + lane);
    return dueMs <= this.#endMs ? dueMs : Number.POSITIVE_INFINITY;
  }

  overdue(lane: number, begun: number): number {
    if (this.#endMs === Number.POSITIVE_INFINITY) return 0;
    const last = Math.floor((this.#endMs - this.#startMs) / this.#periodMs);
    return Math.max(0, Math.floor((last - lane) / this.#lanes) + 1 - begun);
  }

  start(lanes: readonly Pumped[], nowMs: number): void {
    this.#startMs = nowMs;
    this.#turn(lanes);
  }

  stop(nowMs: number): void {
    this.#endMs = nowMs;
    this.#cancel();
  }

  /** Sends what is due, and comes back when the next one is. */
  #turn(lanes: readonly Pumped[]): void {
    const nowMs = this.#clock.nowMs();
    const first = this.#past;
    for (;;) {
      const dueMs = this.#dueMs(this.#past);
      if (dueMs > nowMs) break;
      this.#late.record(nowMs - dueMs);
      // Once for each connection, which sends all that it has due: at a rate far beyond what anybody can
      // follow, a turn must not take longer than the time that it makes up for.
      if (this.#past - first < this.#lanes) lanes[this.#past % this.#lanes]?.pump(nowMs);
      this.#past++;
    }
    if (this.#endMs < Number.POSITIVE_INFINITY) return;
    this.#wait(this.#dueMs(this.#past) - this.#clock.nowMs(), () => this.#turn(lanes));
  }

  #wait(waitMs: number, turn: () => void): void {
    if (!this.#spin) this.#cancel = this.#clock.after(Math.max(0, waitMs), turn);
    else if (waitMs > TIMER_MS) this.#cancel = this.#clock.after(waitMs - TIMER_MS, turn);
    else {
      let cancelled = false;
      this.#cancel = () => {
        cancelled = true;
      };
      this.#clock.soon(() => {
        if (!cancelled) turn();
      });
    }
  }

  #dueMs(index: number): number {
    return this.#startMs + index * this.#periodMs;
  }
}
