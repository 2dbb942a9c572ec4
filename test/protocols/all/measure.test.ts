import assert from "node:assert/strict";
import { describe, it } from "node:test";
import * as fc from "fast-check";
import type { AgencyId, Bet } from "../../../src/lottery/bet.ts";
import { encodeLines, formatLine } from "../../../src/lottery/canonical-line.ts";
import type { AgencyDialer } from "../../../src/protocols/agency-link.ts";
import { AGENCY_DIALERS } from "../../../src/protocols/dialects.ts";
import { goodBet } from "../../lottery/arbitrary-bets.ts";
import { seed, seedNote } from "../../support/seed.ts";
import { listeningDesk } from "./listening-desk.ts";
import { openNetwork } from "./network.ts";

const agency = fc.integer({ min: 1, max: 65_535 }) as fc.Arbitrary<AgencyId>;

const bets = agency.chain((of) => fc.array(goodBet(of), { minLength: 1, maxLength: 130 }));

describe(`the size of a batch (${seedNote})`, () => {
  for (const [name, dialer] of AGENCY_DIALERS) {
    it(`in ${name} is what its measure says`, async () => {
      await fc.assert(
        fc.asyncProperty(bets, async (some) => {
          const fit = some.filter((bet) => dialer.unfit?.(bet) === undefined);
          if (fit.length === 0) return;
          assert.equal(await bytesSent(dialer, fit), measured(dialer, fit));
        }),
        { seed, numRuns: 40 },
      );
    });
  }
});

function measured({ measure }: AgencyDialer, some: readonly Bet[]): number {
  return some.reduce(
    (bytes, bet, index) => bytes + measure.betBytes(bet, Buffer.byteLength(formatLine(bet)), index),
    measure.overheadBytes,
  );
}

/** Bytes of a batch that is not the first of its connection, which may have a greeting before it. */
async function bytesSent(dialer: AgencyDialer, some: readonly Bet[]): Promise<number> {
  const network = openNetwork(listeningDesk());
  const sent = (): number =>
    network.conversations.reduce(
      (bytes, { fromAgency }) => bytes + Buffer.concat(fromAgency).length,
      0,
    );
  try {
    const [first = assert.fail()] = some;
    const link = await network.dial(dialer, first.agency);
    await link.send({ sequence: 1, bets: [first], lines: encodeLines([first]) });
    const before = sent();
    await link.send({ sequence: 2, bets: some, lines: encodeLines(some) });
    return sent() - before;
  } finally {
    await network.close();
  }
}
