import assert from "node:assert/strict";
import { it } from "node:test";
import * as fc from "fast-check";
import { AGENCY_MAX, type AgencyId, type Bet } from "../../../src/lottery/bet.ts";
import { encodeLines } from "../../../src/lottery/canonical-line.ts";
import { checkBet } from "../../../src/lottery/check-bet.ts";
import { scanLines } from "../../../src/lottery/scan-lines.ts";
import type { AgencyLink } from "../../../src/protocols/agency-link.ts";
import { DIALECTS } from "../../../src/protocols/dialects.ts";
import { anyAgency, goodBet, spoiledBet, TODAY } from "../../lottery/arbitrary-bets.ts";
import { seed } from "../../support/seed.ts";
import { type Heard, listeningDesk } from "./listening-desk.ts";
import { Network } from "../network.ts";
import { sharedPort } from "./shared-port.ts";
import { type SpokenVersion, VERSIONS } from "./spoken.ts";

/** Time in which a central that waits for the rest of a message has waited enough, and its agency too. */
const PATIENCE_MS = 3000;

/**
 * Defines the tests: the same bets, sent in any dialect, are the same lines at the desk, or were called
 * unfit before.
 *
 * @param runs batches in each test
 */
export function sameInEveryDialect(runs: number): void {
  const check = (
    bets: fc.Arbitrary<readonly Bet[]>,
    property: (bets: readonly Bet[]) => Promise<void>,
  ): Promise<void> => fc.assert(fc.asyncProperty(bets, property), { seed, numRuns: runs });

  for (const spokenVersion of VERSIONS) {
    const { name, dialer, spoken } = spokenVersion;
    const { agencyMax = AGENCY_MAX } = spoken;
    const agency = anyAgency.filter((number) => number <= agencyMax);
    const goodBets = batchOf(agency, goodBet);
    const anyBets = fc.oneof(goodBets, batchOf(agency, spoiledBet));

    it(`${name} carries what it calls fit to the last letter, in batches`, async () => {
      await check(anyBets, async (bets) => {
        const fit = bets.filter((bet) => dialer.unfit?.(bet) === undefined);
        if (fit.length === 0) return;
        assertHeard(await heardOf(spokenVersion, fit, "send"), fit);
      });
    });

    it(`${name} carries what it calls fit to the last letter, one by one`, async () => {
      await check(anyBets, async ([bet = assert.fail()]) => {
        if (dialer.unfit?.(bet) !== undefined) return;
        assertHeard(await heardOf(spokenVersion, [bet], "sendSingle"), [bet]);
      });
    });

    it(`${name} calls no valid bet unfit that would have arrived`, async () => {
      await check(goodBets, async (bets) => {
        for (const bet of bets) {
          const unfit = dialer.unfit?.(bet);
          if (unfit === undefined || spoken.harmsOthers?.(bet) === true) continue;
          assert.notEqual(unfit.reason, "");
          assert.notDeepEqual(
            await heardOf(spokenVersion, [bet], "send"),
            [asSent([bet])],
            `${unfit.field} ${unfit.reason}`,
          );
        }
      });
    });

    if (agencyMax < AGENCY_MAX) {
      it(`${name} refuses an agency whose number it cannot carry before it connects`, async () => {
        const network = new Network(sharedPort(DIALECTS), listeningDesk());
        await assert.rejects(network.dial(dialer, agencyMax + 1), /agency is \d+, max/);
        assert.deepEqual(network.conversations, []);
      });
    }
  }
}

/** Bets of one agency, as they are in its file: whatever else is wrong, the agency is its own. */
function batchOf(
  agency: fc.Arbitrary<AgencyId>,
  bet: (of: AgencyId) => fc.Arbitrary<Bet>,
): fc.Arbitrary<readonly Bet[]> {
  return agency.chain((of) =>
    fc.array(
      bet(of).map((made) => ({ ...made, agency: of })),
      { minLength: 1, maxLength: 12 },
    ),
  );
}

/**
 * Bets that are valid arrive as they are; a batch with one that is not is refused because of that one,
 * whatever stands in it.
 */
function assertHeard(heard: readonly Heard[], bets: readonly Bet[]): void {
  const sent = asSent(bets);
  const flawed = bets.findIndex((bet) => checkBet(bet, TODAY) !== undefined);
  if (flawed < 0) {
    assert.deepEqual(heard, [sent]);
    return;
  }
  assert.deepEqual(
    heard.map(({ agency, count, lines }) => {
      const flaw = scanLines(Buffer.from(lines), agency as AgencyId, count, TODAY);
      return { agency, count, flawed: flaw?.index };
    }),
    [{ agency: sent.agency, count: sent.count, flawed }],
  );
}

function asSent(bets: readonly Bet[]): Heard {
  const [first = assert.fail()] = bets;
  return { agency: first.agency, count: bets.length, lines: encodeLines(bets).toString() };
}

/** What reaches the desk of bets that an agency sends, fit or not. */
async function heardOf(
  { createDialer }: SpokenVersion,
  bets: readonly Bet[],
  how: "send" | "sendSingle",
): Promise<readonly Heard[]> {
  const desk = listeningDesk();
  const network = new Network(sharedPort(DIALECTS), desk);
  try {
    const [first = assert.fail()] = bets;
    const dialled = network.dial(createDialer(network.timer), first.agency);
    const sent = sendTo(await network.play(dialled), bets, how);
    await network.until(sent, PATIENCE_MS);
    await network.close();
    await sent;
    return desk.heard;
  } finally {
    await network.close();
  }
}

/** Whether it is answered, refused, or cannot even be written: only what arrives is of interest. */
async function sendTo(
  link: AgencyLink,
  bets: readonly Bet[],
  how: "send" | "sendSingle",
): Promise<void> {
  await link[how]({ sequence: 1, bets, lines: encodeLines(bets) }).catch(() => undefined);
}
