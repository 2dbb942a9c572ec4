import assert from "node:assert/strict";
import { describe, it } from "node:test";
import * as fc from "fast-check";
import { splitBets } from "../../src/generate/split-bets.ts";

describe("splitBets", () => {
  it("gives five agencies as many bets as the course's files have", () => {
    assert.deepEqual(splitBets(78_697, 5), [26_936, 25_518, 16_014, 9_238, 991]);
    assert.deepEqual(splitBets(5, 5), [1, 1, 1, 1, 1]);
    assert.deepEqual(splitBets(1000, 5), [342, 325, 203, 117, 13]);
  });

  it("gives other numbers of agencies decreasing shares", () => {
    assert.deepEqual(splitBets(1, 1), [1]);
    assert.deepEqual(splitBets(100, 1), [100]);
    assert.deepEqual(splitBets(11, 3), [6, 3, 2]);
  });

  it("gives out all bets, at least one to each agency, and fewer to later ones except by rounding", () => {
    fc.assert(
      fc.property(
        fc
          .integer({ min: 1, max: 300 })
          .chain((agencies) =>
            fc.tuple(fc.integer({ min: agencies, max: 1_000_000 }), fc.constant(agencies)),
          ),
        ([bets, agencies]) => {
          const counts = splitBets(bets, agencies);
          assert.equal(counts.length, agencies);
          assert.equal(
            counts.reduce((sum, count) => sum + count, 0),
            bets,
          );
          for (const [index, count] of counts.entries()) {
            assert.ok(count >= 1);
            assert.ok(count <= (counts[index - 1] ?? bets) + 1);
          }
        },
      ),
    );
  });

  it("refuses to leave an agency without bets", () => {
    assert.throws(() => splitBets(4, 5), {
      name: "RangeError",
      message: "Cannot split 4 bets over 5 agencies: each must get one at least",
    });
  });
});
