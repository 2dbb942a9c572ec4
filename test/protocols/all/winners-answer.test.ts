import assert from "node:assert/strict";
import { describe, it } from "node:test";
import * as fc from "fast-check";
import { anyAgency, goodBet } from "../../lottery/arbitrary-bets.ts";
import { winnersOfBets } from "../../support/documents.ts";
import { seed, seedNote } from "../../support/seed.ts";
import { BETTING } from "./spoken.ts";

describe("winners that are told a block at a time", () => {
  for (const { name, winners } of BETTING.filter(({ has }) => has("wholeWinners"))) {
    it(`are the same bytes as all at once, in ${name} (${seedNote})`, async () => {
      const bets = anyAgency.chain((agency) => fc.array(goodBet(agency), { maxLength: 20 }));
      await fc.assert(
        fc.asyncProperty(bets, fc.integer({ min: 1, max: 8 }), async (won, blockBets) => {
          const parts: Uint8Array[] = [];
          const { whole, pieces } = winners ?? assert.fail(`${name} has no winners in its entry`);
          for await (const part of pieces(winnersOfBets(won, blockBets))) parts.push(part);
          assert.deepEqual(Buffer.concat(parts), whole(won));
        }),
        { seed },
      );
    });
  }
});
