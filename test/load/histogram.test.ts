import assert from "node:assert/strict";
import { describe, it } from "node:test";
import * as fc from "fast-check";
import { Histogram } from "../../src/load/histogram.ts";
import { seed, seedNote } from "../support/seed.ts";

/** From 0 to twenty days, small durations as often as large ones. */
const durationMs = fc
  .tuple(fc.double({ min: 0, max: 1, noNaN: true }), fc.integer({ min: -4, max: 9 }))
  .map(([part, exponent]) => part * 10 ** exponent);

const LONGEST_MS = 0xffff_ffff / 10_000;

describe(`the histogram (${seedNote})`, () => {
  it("gives every quantile like a sorted list, to three digits", () => {
    fc.assert(
      fc.property(
        fc.array(durationMs, { minLength: 1, maxLength: 300 }),
        fc.double({ min: 0, max: 1, noNaN: true }),
        (durations, fraction) => {
          const histogram = new Histogram();
          for (const duration of durations) histogram.record(duration);
          const sorted = durations.toSorted((a, b) => a - b);
          const rank = Math.max(1, Math.ceil(fraction * sorted.length));
          const exact = sorted[rank - 1] ?? Number.NaN;
          const told = histogram.quantileMs(fraction);
          if (exact > LONGEST_MS) {
            assert.ok(told >= LONGEST_MS);
            return;
          }
          assert.ok(told >= exact - 0.000_05, `${told} is less than ${exact}`);
          assert.ok(told <= exact * 1.001 + 0.0001, `${told} is more than ${exact}`);
        },
      ),
      { seed },
    );
  });

  it("keeps count, minimum, maximum and mean exactly", () => {
    const histogram = new Histogram();
    for (const duration of [0.25, 3, 1_000_000, 0.25]) histogram.record(duration);
    const { min, max, mean } = histogram.summary();
    assert.deepEqual([histogram.count, min, max, mean], [4, 0.25, 1_000_000, 250_000.875]);
  });

  it("gives zeros when nothing was recorded", () => {
    const zeros = { min: 0, p50: 0, p90: 0, p99: 0, p999: 0, max: 0, mean: 0 };
    assert.deepEqual(new Histogram().summary(), zeros);
  });

  it("gives the same duration for every quantile when there is only one", () => {
    const histogram = new Histogram();
    histogram.record(12.345_678);
    const { min, p50, p90, p99, p999, max } = histogram.summary();
    assert.deepEqual(new Set([min, p50, p90, p99, p999, max]), new Set([12.345_678]));
  });
});
