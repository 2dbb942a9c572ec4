import assert from "node:assert/strict";
import { describe, it } from "node:test";
import * as fc from "fast-check";
import { hasWon } from "../../src/lottery/bet.ts";
import { encodeLines, formatLine } from "../../src/lottery/canonical-line.ts";
import { documentsIn, sumWinners, winnersIn, winningLines } from "../../src/lottery/winners.ts";
import { anyAgency, goodBet } from "./arbitrary-bets.ts";

describe("winnersIn", () => {
  it("returns the lines of the bets on the number, in order and without their ends", () => {
    const lines = Buffer.from(
      '1,Ana,Paz,0042,2000-01-01,7574\r\n1,"x,7574","y",1,2000-01-01,757\r\n' +
        "1,Ana,,7574,2000-01-01,574\r\n1,Eva,Paz,4294967295,1999-12-31,7574\r\n",
    );
    assert.deepEqual(winnersIn(lines, 7574), [
      "1,Ana,Paz,0042,2000-01-01,7574",
      "1,Eva,Paz,4294967295,1999-12-31,7574",
    ]);
    assert.deepEqual(winnersIn(lines, 574), ["1,Ana,,7574,2000-01-01,574"]);
    assert.deepEqual(winnersIn(lines, 757), ['1,"x,7574","y",1,2000-01-01,757']);
    assert.deepEqual(winnersIn(lines, 4), []);
    assert.deepEqual(winnersIn(Buffer.alloc(0), 7574), []);
  });

  it("gives the same as a check of every bet", () => {
    const cases = fc.tuple(
      anyAgency.chain((agency) => fc.array(goodBet(agency))),
      fc.constantFrom(0, 4, 574, 7574, 9999),
    );
    fc.assert(
      fc.property(cases, ([bets, number]) => {
        const expected = bets.filter((bet) => hasWon(bet, number)).map(formatLine);
        const all = encodeLines(bets);
        const lines = winnersIn(all, number).map((line) => `${line}\r\n`);
        assert.deepEqual(lines, expected);
        const won = bets.filter((bet) => hasWon(bet, number)).map(({ document }) => document);
        const sum = { count: won.length, documentBytes: won.join("").length };
        assert.deepEqual(sumWinners(all, number), sum);
        const winning = winningLines(all, number);
        assert.deepEqual(winning, {
          ...sum,
          lines: encodeLines(bets.filter((b) => hasWon(b, number))),
        });
        assert.deepEqual([...documentsIn(winning.lines)], won);
      }),
      { numRuns: 500 },
    );
  });
});
