import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { createRandom } from "../../src/generate/random.ts";

const draw = (seeds: number[], count: number, limit = 1000): number[] => {
  const random = createRandom(...seeds);
  return Array.from({ length: count }, () => random.below(limit));
};

describe("createRandom", () => {
  it("gives the same numbers for the same seeds", () => {
    assert.deepEqual(draw([1, 2], 100), draw([1, 2], 100));
  });

  it("gives other numbers for other seeds, even close ones, and for another order of the seeds", () => {
    const seeds = [[0], [1], [2 ** 32], [2 ** 32 + 1], [0, 0], [0, 1], [1, 0], [2 ** 53 - 1]];
    const sequences = seeds.map((seed) => draw(seed, 20).join());
    assert.equal(new Set(sequences).size, seeds.length);
  });

  it("gives every number of its range as often as any other", () => {
    const counts = Array.from({ length: 10 }, () => 0);
    for (const value of draw([7], 100_000, 10)) counts[value] = (counts[value] ?? 0) + 1;
    // 10,000 each; the standard deviation is 95.
    for (const count of counts) assert.ok(Math.abs(count - 10_000) < 500, String(counts));
  });

  it("picks every element of a list, and no other", () => {
    const random = createRandom(3);
    const picked = new Set(Array.from({ length: 200 }, () => random.pick(["a", "b", "c"])));
    assert.deepEqual([...picked].toSorted(), ["a", "b", "c"]);
  });
});
