import assert from "node:assert/strict";
import { describe, it } from "node:test";
import * as fc from "fast-check";
import type { AgencyId, Bet } from "../../src/lottery/bet.ts";
import { encodeLines, parseLines } from "../../src/lottery/canonical-line.ts";
import { checkBet } from "../../src/lottery/check-bet.ts";
import { type Flaw, FLAWS } from "../../src/lottery/flaw.ts";
import { scanLines } from "../../src/lottery/scan-lines.ts";
import { anyAgency, goodBet, spoiledBet, TODAY } from "./arbitrary-bets.ts";

const goodBatch = anyAgency.chain((agency) =>
  fc.tuple(fc.constant(agency), fc.array(goodBet(agency), { minLength: 1, maxLength: 8 })),
);

/** The flaw that scanLines must report for a bet, by the check over objects. */
function expectedFlaw(bet: Bet, agency: AgencyId): Flaw | undefined {
  const flaw = checkBet(bet, TODAY);
  return flaw?.field !== "agency" && bet.agency !== agency ? FLAWS.agencyOther : flaw;
}

/** Checks that accepted bytes are the canonical lines of valid bets. */
function accepted(lines: Uint8Array, agency: AgencyId, count: number): boolean {
  if (scanLines(lines, agency, count, TODAY) !== undefined) return false;
  const bets = parseLines(lines);
  assert.equal(bets.length, count);
  for (const bet of bets) {
    assert.equal(bet.agency, agency);
    assert.equal(checkBet(bet, TODAY), undefined);
  }
  assert.deepEqual(encodeLines(bets), Buffer.from(lines));
  return true;
}

describe("the scanner over bytes and the check over objects", () => {
  it("accept the same valid bets, which can be read back unchanged", () => {
    fc.assert(
      fc.property(goodBatch, ([agency, bets]) => {
        const lines = encodeLines(bets);
        assert.deepEqual(
          bets.map((bet) => checkBet(bet, TODAY)),
          bets.map(() => undefined),
        );
        assert.equal(scanLines(lines, agency, bets.length, TODAY), undefined);
        assert.deepEqual(parseLines(lines), bets);
      }),
      { numRuns: 500 },
    );
  });

  it("refuse the same invalid bets, for the same reason, at the same index", () => {
    const cases = anyAgency.chain((agency) =>
      fc.tuple(
        fc.constant(agency),
        fc.array(goodBet(agency), { maxLength: 3 }),
        spoiledBet(agency),
        fc.array(goodBet(agency), { maxLength: 3 }),
      ),
    );
    fc.assert(
      fc.property(cases, ([agency, before, spoiled, after]) => {
        // A separator in a field that is never quoted splits it into other fields.
        fc.pre(!/[,"\n]/.test(spoiled.document + spoiled.birthdate));
        const bets = [...before, spoiled, ...after];
        const flaw = expectedFlaw(spoiled, agency);
        assert.deepEqual(
          scanLines(encodeLines(bets), agency, bets.length, TODAY),
          flaw === undefined ? undefined : { ...flaw, index: before.length },
        );
      }),
      { numRuns: 2000 },
    );
  });
});

describe("with any bytes", () => {
  it("the scanner never throws, and accepts only canonical lines", () => {
    const telling = fc.constantFrom(...Buffer.from('17,"\r\n-0 aÑ\u0080\u00bf'), 0xc2, 0xff);
    const anyBytes = fc.oneof(
      fc.uint8Array({ maxLength: 200 }),
      fc.array(telling, { maxLength: 60 }).map((bytes) => Uint8Array.from(bytes)),
    );
    fc.assert(
      fc.property(anyBytes, anyAgency, fc.integer({ min: 1, max: 4 }), (bytes, agency, count) => {
        accepted(bytes, agency, count);
      }),
      { numRuns: 2000 },
    );
  });

  it("the scanner refuses valid lines with a few changed bytes, unless they are still canonical", () => {
    const change = fc.record({
      at: fc.nat(),
      remove: fc.nat({ max: 3 }),
      insert: fc.array(
        fc.oneof(
          fc.constantFrom(...Buffer.from('",\r\n-09ña\u0085ª')),
          fc.integer({ min: 0, max: 255 }),
        ),
        { maxLength: 3 },
      ),
    });
    let acceptedCount = 0;
    fc.assert(
      fc.property(
        goodBatch,
        fc.array(change, { minLength: 1, maxLength: 3 }),
        ([agency, bets], changes) => {
          const lines = [...encodeLines(bets)];
          for (const { at, remove, insert } of changes) {
            lines.splice(at % (lines.length + 1), remove, ...insert);
          }
          if (accepted(Uint8Array.from(lines), agency, bets.length)) acceptedCount++;
        },
      ),
      { numRuns: 3000 },
    );
    assert.ok(acceptedCount > 50, "the property must see lines of both kinds");
  });
});
