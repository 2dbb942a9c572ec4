import assert from "node:assert/strict";
import { it } from "node:test";
import { plural } from "../../src/lottery/plural.ts";

for (const [count, noun, expected] of [
  [0, "bet", "0 bets"],
  [1, "bet", "1 bet"],
  [2, "bet", "2 bets"],
  [1, "batch", "1 batch"],
  [2, "batch", "2 batches"],
  [1, "agency", "1 agency"],
  [5, "agency", "5 agencies"],
  [2, "day", "2 days"],
  [3, "good bet", "3 good bets"],
] as const) {
  it(`plural gives ${expected}`, () => assert.equal(plural(count, noun), expected));
}

it("plural writes the number with the given function", () => {
  assert.equal(
    plural(26_936, "bet", (count) => count.toLocaleString("en-US")),
    "26,936 bets",
  );
});
