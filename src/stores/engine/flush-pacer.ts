/** Longest that a group waits for peers to come back. */
export const GATHER_MS_MAX = 1;

/** How much the newest flush counts in the average. */
const WEIGHT = 1 / 8;

/**
 * Decides how long a group of batches waits before it is written. Pure: the time is handed in.
 *
 * Peers that hold one batch each and are confirmed together come back together, a round trip later.
 * A store that writes at once writes the first of them alone, and all others wait two flushes. So after
 * confirming k batches the next group waits for k to arrive: one flush a round again. It waits an
 * average flush at most, which is what the others would wait otherwise. A lone sender is its own k and
 * never waits; nor does anybody after a pause.
 */
export class FlushPacer {
  #expected = 0;
  #returned = 0;
  #deadlineMs = 0;
  #averageMs = 0;

  /** Average duration of a flush so far. */
  get averageFlushMs(): number {
    return this.#averageMs;
  }

  /** A flush has ended well: call before its batches are confirmed, for they may come back at once. */
  flushed(acknowledged: number, tookMs: number, nowMs: number): void {
    this.#averageMs =
      this.#averageMs === 0 ? tookMs : this.#averageMs + (tookMs - this.#averageMs) * WEIGHT;
    this.#expected = acknowledged;
    this.#returned = 0;
    this.#deadlineMs = nowMs + Math.min(this.#averageMs, GATHER_MS_MAX);
  }

  /** A batch has arrived. */
  arrived(): void {
    this.#returned++;
  }

  /** How long the gathered group should still wait; 0 to write it now. */
  waitMs(nowMs: number): number {
    if (this.#returned >= this.#expected) return 0;
    return Math.max(0, this.#deadlineMs - nowMs);
  }
}
