import { type Random, randomFrom } from "../support/disk-memory.ts";

/** Random choices, from a seed. */
export class Chance {
  /** A number from 0 to below 1. */
  readonly next: Random;

  constructor(seed: number) {
    this.next = randomFrom(seed);
    // The first numbers of consecutive seeds are similar.
    for (let skipped = 0; skipped < 4; skipped++) this.next();
  }

  /** Whether something of this probability happens. */
  hits(probability: number): boolean {
    return this.next() < probability;
  }

  /** A whole number from 0 to `limit - 1`. */
  below(limit: number): number {
    return Math.floor(this.next() * limit);
  }

  /** A whole number from `from` to `to`, both included. */
  whole(from: number, to: number): number {
    return from + this.below(to - from + 1);
  }

  between(from: number, to: number): number {
    return from + this.next() * (to - from);
  }

  /** As {@link between}, but small values are as likely as large ones: for durations. */
  spread(from: number, to: number): number {
    return from * (to / from) ** this.next();
  }

  pick<T>(list: readonly T[]): T | undefined {
    return list[this.below(list.length)];
  }

  /** One of the keys, by its weight. */
  weighted<K extends string>(weights: Readonly<Partial<Record<K, number>>>): K {
    const entries = Object.entries(weights) as [K, number][];
    let left = this.next() * entries.reduce((sum, [, weight]) => sum + weight, 0);
    for (const [key, weight] of entries) {
      left -= weight;
      if (left < 0) return key;
    }
    const last = entries.at(-1);
    if (last === undefined) throw new RangeError("Cannot choose: there is nothing");
    return last[0];
  }
}
