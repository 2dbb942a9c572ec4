/** The longest time that a group waits for peers to come back, in milliseconds. */
export const GATHER_MS_MAX = 1;

/** How much the newest flush counts in the average. */
const WEIGHT = 1 / 8;

/**
 * Decides how long a group of batches waits before it is written. Pure: the caller gives the time.
 *
 * Peers that send one batch each and are confirmed together send the next ones together, a round trip
 * later. A store that writes at once writes the first of these alone, and all others wait two flushes. So
 * after confirming k batches the next group waits until k have arrived: again one flush per round. It waits
 * one average flush at most, which the others would wait otherwise, and never more than
 * {@link GATHER_MS_MAX}. A single sender never waits, because its k is 1; and no group waits after a pause.
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

  /** A flush has succeeded. Call this before its batches are confirmed: the next ones may come at once. */
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
