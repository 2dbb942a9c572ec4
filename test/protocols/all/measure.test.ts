import assert from "node:assert/strict";
import { describe, it } from "node:test";
import * as fc from "fast-check";
import { AGENCY_MAX, type Bet } from "../../../src/lottery/bet.ts";
import { formatLine } from "../../../src/lottery/canonical-line.ts";
import type { AgencyDialer } from "../../../src/protocols/agency-link.ts";
import { DIALECTS } from "../../../src/protocols/dialects.ts";
import { anyAgency, goodBet } from "../../lottery/arbitrary-bets.ts";
import { seed, seedNote } from "../../support/seed.ts";
import { listeningDesk } from "./listening-desk.ts";
import { Network } from "../network.ts";
import { outgoing } from "../plain-bets.ts";
import { sharedPort } from "./shared-port.ts";
import { type SpokenVersion, VERSIONS } from "./spoken.ts";

describe(`the size of a batch (${seedNote})`, () => {
  for (const spokenVersion of VERSIONS) {
    const { name, dialer, spoken } = spokenVersion;
    const { agencyMax = AGENCY_MAX } = spoken;
    const bets = anyAgency
      .filter((agency) => agency <= agencyMax)
      .chain((agency) => fc.array(goodBet(agency), { minLength: 1, maxLength: 130 }));

    it(`in ${name} is what its measure says`, async () => {
      await fc.assert(
        fc.asyncProperty(bets, async (some) => {
          const fit = some.filter((bet) => dialer.unfit?.(bet) === undefined);
          if (fit.length === 0) return;
          assert.equal(await bytesSent(spokenVersion, fit), measured(dialer, fit));
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
async function bytesSent({ createDialer }: SpokenVersion, some: readonly Bet[]): Promise<number> {
  const network = new Network(sharedPort(DIALECTS), listeningDesk());
  const sent = (): number =>
    network.conversations.reduce(
      (bytes, { fromAgency }) => bytes + Buffer.concat(fromAgency).length,
      0,
    );
  try {
    const [first = assert.fail()] = some;
    const link = await network.play(network.dial(createDialer(network.timer), first.agency));
    await network.play(link.send(outgoing([first])));
    const before = sent();
    await network.play(link.send(outgoing(some, 2)));
    return sent() - before;
  } finally {
    await network.close();
  }
}
