import assert from "node:assert/strict";
import { describe, it } from "node:test";
import * as fc from "fast-check";
import type { AgencyId } from "../../src/lottery/bet.ts";
import { type ExpectedAgency, Roster } from "../../src/lottery/roster.ts";
import { seed, seedNote } from "../support/seed.ts";

const expected = (agency: number, name = `Agency ${agency}`): ExpectedAgency => ({
  agency: agency as AgencyId,
  name,
});

describe("a roster", () => {
  it("of a count has the agencies from 1 to it, without names", () => {
    const roster = new Roster(3);
    assert.deepEqual([...roster], [1, 2, 3]);
    assert.equal(roster.size, 3);
    assert.equal(roster.listed, undefined);
    assert.equal(roster.nameOf(1), undefined);
    assert.equal(roster.toString(), "3");
    for (const other of [0, 4, -1, 1.5, Number.NaN, 100_001]) {
      assert.equal(roster.has(other), false, String(other));
    }
    assert.ok([1, 2, 3].every((agency) => roster.has(agency)));
  });

  it("of no agencies has none", () => {
    for (const roster of [new Roster(0), new Roster([])]) {
      assert.deepEqual([...roster], []);
      assert.equal(roster.size, 0);
      assert.equal(roster.has(1), false);
    }
  });

  it("of a list has these and no others, in ascending order, with their names", () => {
    const list = [expected(10), expected(2, "Centro"), expected(7)];
    const roster = new Roster(list);
    assert.deepEqual([...roster], [2, 7, 10]);
    assert.equal(roster.size, 3);
    assert.deepEqual(roster.listed, [expected(2, "Centro"), expected(7), expected(10)]);
    assert.equal(roster.nameOf(2), "Centro");
    assert.equal(roster.nameOf(3), undefined);
    assert.equal(roster.toString(), "2, 7, 10");
    for (const other of [0, 1, 3, 9, 11, Number.NaN]) assert.equal(roster.has(other), false);
    assert.deepEqual(
      list.map(({ agency }) => agency),
      [10, 2, 7],
      "the list itself stays as it was",
    );
  });

  it("refuses a list with an agency twice", () => {
    assert.throws(() => new Roster([expected(2), expected(1), expected(2, "other")]), {
      name: "RangeError",
      message: "Cannot expect an agency twice in one draw",
    });
  });

  it(`has exactly what it lists, however the list is ordered (${seedNote})`, () => {
    const numbers = fc.uniqueArray(fc.integer({ min: 1, max: 60 }), { maxLength: 30 });
    fc.assert(
      fc.property(numbers, (list) => {
        const roster = new Roster(list.map((agency) => expected(agency)));
        const known = Array.from({ length: 62 }, (_, agency) => agency).filter((agency) =>
          roster.has(agency),
        );
        assert.deepEqual(
          known,
          list.toSorted((a, b) => a - b),
        );
        assert.deepEqual([...roster], known);
      }),
      { numRuns: 300, seed },
    );
  });
});
