import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { AgencyId } from "../../src/lottery/bet.ts";
import { Roster } from "../../src/lottery/roster.ts";

const entry = (agency: number, name: string) => ({ agency: agency as AgencyId, name });

describe("the agencies that a draw expects", () => {
  it("are those from 1 to a count", () => {
    const roster = new Roster(3);
    assert.deepEqual([...roster], [1, 2, 3]);
    assert.equal(roster.size, 3);
    for (const stranger of [0, 4, 1.5, -1, Number.NaN, 2 ** 32]) {
      assert.equal(roster.has(stranger), false, String(stranger));
    }
    assert.equal(roster.nameOf(1), undefined);
    assert.equal(roster.toString(), "3");
  });

  it("are those of a list, in ascending order and with their names", () => {
    const roster = new Roster([entry(70, "Sur"), entry(4, "Norte")]);
    assert.deepEqual([...roster], [4, 70]);
    assert.deepEqual([roster.has(4), roster.has(1), roster.has(70)], [true, false, true]);
    assert.equal(roster.nameOf(70), "Sur");
    assert.equal(roster.toString(), "4, 70");
  });

  it("are each in the list once", () => {
    assert.throws(() => new Roster([entry(4, "Norte"), entry(4, "Sur")]), RangeError);
  });
});
