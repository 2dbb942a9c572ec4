import assert from "node:assert/strict";
import { describe, it } from "node:test";
import * as fc from "fast-check";
import { digits, duration, percent, rate, spread } from "../../bench/report/figures.ts";
import { percentile, summarise } from "../../bench/report/statistics.ts";
import { seed, seedNote } from "../support/seed.ts";

/** Without -0, which sorts like 0 but is not equal to it. */
const someNumber = fc.double({ min: -1e9, max: 1e9, noNaN: true }).map((value) => value + 0);
const someNumbers = fc.array(someNumber, { minLength: 1 });

describe(`statistics (${seedNote})`, () => {
  it("finds the median of odd and even counts", () => {
    assert.deepEqual(summarise([3, 1, 2]), { median: 2, min: 1, max: 3, n: 3 });
    assert.deepEqual(summarise([4, 1, 3, 2]), { median: 2.5, min: 1, max: 4, n: 4 });
    assert.deepEqual(summarise([7]), { median: 7, min: 7, max: 7, n: 1 });
  });

  it("has no median of no values, and leaves out values that are not numbers", () => {
    assert.equal(summarise([]), undefined);
    assert.equal(summarise([Number.NaN, Number.POSITIVE_INFINITY]), undefined);
    assert.deepEqual(summarise([Number.NaN, 5]), { median: 5, min: 5, max: 5, n: 1 });
  });

  it("puts half of the values on either side of the median, in any order", () => {
    fc.assert(
      fc.property(someNumbers, (values) => {
        const summary = summarise(values);
        assert.ok(summary !== undefined);
        const { median, min, max, n } = summary;
        const half = values.length / 2;
        assert.ok(values.filter((value) => value <= median).length >= half);
        assert.ok(values.filter((value) => value >= median).length >= half);
        assert.deepEqual([min, max, n], [Math.min(...values), Math.max(...values), values.length]);
        assert.deepEqual(summarise(values.toReversed()), summary);
      }),
      { seed },
    );
  });

  it("finds the smallest value that enough others do not exceed", () => {
    fc.assert(
      fc.property(someNumbers, fc.double({ min: 0, max: 1, noNaN: true }), (values, part) => {
        const sorted = values.toSorted((a, b) => a - b);
        const found = percentile(sorted, part);
        assert.ok(sorted.filter((value) => value <= found).length >= part * sorted.length);
        const smaller = sorted.filter((value) => value < found);
        assert.ok(smaller.length === 0 || smaller.length < part * sorted.length);
      }),
      { seed },
    );
    assert.ok(Number.isNaN(percentile([], 0.5)));
  });
});

function spreadOf(values: number[]): string {
  return spread(summarise(values), rate);
}

describe("figures", () => {
  it("have three significant digits and a unit", () => {
    assert.deepEqual([1_923_000, 19_230, 192.3, 9.99, 999_600].map(rate), [
      "1.92 M",
      "19.2 k",
      "192",
      "9.99",
      "1.00 M",
    ]);
    assert.deepEqual([0.123, 1234, 99.96].map(duration), ["0.12 ms", "1.23 s", "100 ms"]);
    assert.equal(digits(28.04), "28.0");
    assert.equal(percent(0.734), "73 %");
  });

  it("name the unit once if both bounds have the same", () => {
    assert.equal(spreadOf([1.8e6, 1.9e6, 2e6]), "1.90 M [1.80..2.00 M]");
    assert.equal(spreadOf([0.9e6, 1.9e6, 2e6]), "1.90 M [900 k..2.00 M]");
    assert.equal(spreadOf([1.9e6]), "1.90 M");
    assert.equal(spread(undefined, rate), "");
  });
});
