import assert from "node:assert/strict";
import { describe, it } from "node:test";
import * as fc from "fast-check";
import { LAST_DAY } from "../../src/lottery/calendar-day.ts";
import { encodeLines } from "../../src/lottery/canonical-line.ts";
import { scanLines } from "../../src/lottery/scan-lines.ts";
import { anyAgency, goodBet, spoiledBet } from "../lottery/arbitrary-bets.ts";
import { seed, seedNote } from "../support/seed.ts";
import { linesFlaw } from "./canonical-lines.ts";

/** The checker and the central share no code, but must accept the same lines. */
describe(`the checker's reader of lines and the central's scanner (${seedNote})`, () => {
  const batches = anyAgency.chain((agency) =>
    fc.tuple(
      fc.constant(agency),
      fc.array(fc.oneof(goodBet(agency), spoiledBet(agency)), { minLength: 1, maxLength: 3 }),
      fc.integer({ min: -1, max: 1 }).map((more) => (more === 1 ? 1 : 0)),
    ),
  );

  it("accept the same batches", () => {
    fc.assert(
      fc.property(batches, ([agency, bets, more]) => {
        const lines = encodeLines(bets);
        const count = bets.length + more;
        const refused = scanLines(lines, agency, count, LAST_DAY) !== undefined;
        assert.equal(linesFlaw(lines, agency, count) !== undefined, refused);
      }),
      { numRuns: 2000, seed },
    );
  });

  it("accept the same bytes when one of them was changed, left out or added", () => {
    const spoiled = anyAgency.chain((agency) =>
      fc.tuple(
        fc.constant(agency),
        fc.array(goodBet(agency), { minLength: 1, maxLength: 2 }),
        fc.nat(400),
        fc.oneof(fc.nat(255), fc.constantFrom(...Buffer.from('",\r\n0'))),
        fc.constantFrom(-1, 0, 1),
      ),
    );
    fc.assert(
      fc.property(spoiled, ([agency, bets, place, byte, longer]) => {
        const good = encodeLines(bets);
        const at = place % good.length;
        const lines = Buffer.concat([
          good.subarray(0, at),
          longer < 0 ? Buffer.alloc(0) : Buffer.of(byte),
          good.subarray(longer > 0 ? at : at + 1),
        ]);
        const refused = scanLines(lines, agency, bets.length, LAST_DAY) !== undefined;
        assert.equal(linesFlaw(lines, agency, bets.length) !== undefined, refused);
      }),
      { numRuns: 3000, seed },
    );
  });

  it("accept every day of a year, and no other", () => {
    for (const year of [0, 1, 99, 1900, 1999, 2000, 2024, 9999]) {
      for (let month = 0; month <= 13; month++) {
        for (let day = 0; day <= 32; day++) {
          const [y, m, d] = [String(year).padStart(4, "0"), two(month), two(day)];
          const lines = Buffer.from(`1,A,B,1,${y}-${m}-${d},1\r\n`);
          const refused = scanLines(lines, agencyOne, 1, LAST_DAY) !== undefined;
          assert.equal(linesFlaw(lines, 1, 1) !== undefined, refused, lines.toString());
        }
      }
    }
  });
});

const agencyOne = 1 as Parameters<typeof scanLines>[1];

function two(number: number): string {
  return String(number).padStart(2, "0");
}
