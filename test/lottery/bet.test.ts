import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { agencyId, type AgencyId, type Bet, hasWon } from "../../src/lottery/bet.ts";

const bet = (number: number): Bet => ({
  agency: 1 as AgencyId,
  firstName: "Ana",
  lastName: "Paz",
  document: "1",
  birthdate: "2000-01-01",
  number,
});

describe("agencyId", () => {
  it("accepts integers from 1 to 4294967295", () => {
    for (const value of [1, 5, 4_294_967_295]) assert.equal(agencyId(value), value);
  });

  it("accepts nothing else", () => {
    for (const value of [0, -1, 1.5, 4_294_967_296, Number.NaN, Number.POSITIVE_INFINITY]) {
      assert.equal(agencyId(value), undefined, String(value));
    }
  });
});

describe("hasWon", () => {
  it("is true for 7574, or for another given number", () => {
    assert.equal(hasWon(bet(7574)), true);
    assert.equal(hasWon(bet(7573)), false);
    assert.equal(hasWon(bet(0), 0), true);
    assert.equal(hasWon(bet(7574), 0), false);
  });
});
