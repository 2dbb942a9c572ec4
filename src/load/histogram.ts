/** What a histogram tells of the durations in it, in milliseconds. */
export interface LatencySummary {
  readonly min: number;
  readonly p50: number;
  readonly p90: number;
  readonly p99: number;
  readonly p999: number;
  readonly max: number;
  readonly mean: number;
}

/** Durations are counted in steps of 0.1 µs. */
const STEPS_PER_MS = 10_000;
/** Steps below this many are told apart; above, every doubling has half as many places. */
const FINE = 2048;
const HALF = FINE / 2;
const FINE_BITS = 11;
const STEPS_MAX = 0xffff_ffff;

/**
 * Counts durations in places that grow with them, as HdrHistogram does: three significant digits from
 * 0.1 µs to seven minutes, in 94 kB whatever is recorded. Recording is a handful of integer
 * operations, because it is done for every batch by a program that must not be in the way.
 */
export class Histogram {
  readonly #counts = new Float64Array(FINE + (32 - FINE_BITS) * HALF);
  #count = 0;
  #sumMs = 0;
  #minMs = Number.POSITIVE_INFINITY;
  #maxMs = 0;

  get count(): number {
    return this.#count;
  }

  /** @param durationMs what is over seven minutes counts as seven minutes, but for `max` and `mean` */
  record(durationMs: number): void {
    const ms = durationMs > 0 ? durationMs : 0;
    const steps = Math.min(Math.round(ms * STEPS_PER_MS), STEPS_MAX);
    const place = placeOf(steps);
    this.#counts[place] = (this.#counts[place] as number) + 1;
    this.#count++;
    this.#sumMs += ms;
    if (ms < this.#minMs) this.#minMs = ms;
    if (ms > this.#maxMs) this.#maxMs = ms;
  }

  /**
   * The duration that `fraction` of all recorded ones do not exceed, rounded up by 0.1 % or 0.1 µs at
   * most; 0 when nothing was recorded.
   *
   * @param fraction from 0 to 1
   */
  quantileMs(fraction: number): number {
    const rank = Math.max(1, Math.ceil(fraction * this.#count));
    let seen = 0;
    for (const [place, count] of this.#counts.entries()) {
      seen += count;
      if (seen >= rank && count > 0) {
        return Math.max(this.#minMs, Math.min(this.#maxMs, lastStepOf(place) / STEPS_PER_MS));
      }
    }
    return 0;
  }

  summary(): LatencySummary {
    return {
      min: this.#count === 0 ? 0 : this.#minMs,
      p50: this.quantileMs(0.5),
      p90: this.quantileMs(0.9),
      p99: this.quantileMs(0.99),
      p999: this.quantileMs(0.999),
      max: this.#maxMs,
      mean: this.#count === 0 ? 0 : this.#sumMs / this.#count,
    };
  }
}

/** How often the steps of a place double: 0 where every step has a place of its own. */
function placeOf(steps: number): number {
  const doublings = Math.max(0, 32 - FINE_BITS - Math.clz32(steps));
  return doublings * HALF + (steps >>> doublings);
}

/** The largest number of steps that has this place. */
function lastStepOf(place: number): number {
  if (place < FINE) return place;
  const doublings = Math.floor(place / HALF) - 1;
  return (place - doublings * HALF + 1) * 2 ** doublings - 1;
}
