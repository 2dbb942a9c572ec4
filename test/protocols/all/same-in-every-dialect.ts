import assert from "node:assert/strict";
import { it } from "node:test";
import * as fc from "fast-check";
import { AGENCY_MAX, type AgencyId, type Bet } from "../../../src/lottery/bet.ts";
import { encodeLines } from "../../../src/lottery/canonical-line.ts";
import { checkBet } from "../../../src/lottery/check-bet.ts";
import { scanLines } from "../../../src/lottery/scan-lines.ts";
import type { AgencyDialer, AgencyLink } from "../../../src/protocols/agency-link.ts";
import { AGENCY_DIALERS } from "../../../src/protocols/dialects.ts";
import { anyAgency, goodBet, spoiledBet, TODAY } from "../../lottery/arbitrary-bets.ts";
import { seed } from "../../support/seed.ts";
import { type Heard, listeningDesk } from "./listening-desk.ts";
import { openNetwork, turnUntilSettled } from "./network.ts";

/** Turns of the loop in which anything that happens in memory has happened. */
const TURNS_MAX = 60;
/** Time in which a central that waits for the rest of a message has waited enough. */
const PATIENCE_MS = 5000;

/** Bets that our central would take, and the course's own server would not. */
const HARMS_OTHERS: Readonly<Record<string, (bet: Bet) => boolean>> = {
  "colon-lines": ({ firstName, lastName }) => `${firstName}${lastName}`.includes(":"),
};

/** The largest number of an agency, where a dialect has not room for all. */
const AGENCIES: Readonly<Record<string, number>> = { fixed70: 65_535 };

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

  for (const [name, dialer] of AGENCY_DIALERS) {
    const dialect = name.split("/")[0] ?? "";
    const agencyMax = AGENCIES[dialect] ?? AGENCY_MAX;
    const agency = anyAgency.filter((number) => number <= agencyMax);
    const goodBets = batchOf(agency, goodBet);
    const anyBets = fc.oneof(goodBets, batchOf(agency, spoiledBet));

    it(`${name} carries what it calls fit to the last letter, in batches`, async () => {
      await check(anyBets, async (bets) => {
        const fit = bets.filter((bet) => dialer.unfit?.(bet) === undefined);
        if (fit.length === 0) return;
        assertHeard(await heardOf(dialer, fit, "send"), fit);
      });
    });

    it(`${name} carries what it calls fit to the last letter, one by one`, async () => {
      await check(anyBets, async ([bet = assert.fail()]) => {
        if (dialer.unfit?.(bet) !== undefined) return;
        assertHeard(await heardOf(dialer, [bet], "sendSingle"), [bet]);
      });
    });

    it(`${name} calls no valid bet unfit that would have arrived`, async () => {
      const harmsOthers = HARMS_OTHERS[dialect] ?? (() => false);
      await check(goodBets, async (bets) => {
        for (const bet of bets) {
          const unfit = dialer.unfit?.(bet);
          if (unfit === undefined || harmsOthers(bet)) continue;
          assert.notEqual(unfit.reason, "");
          assert.notDeepEqual(
            await heardOf(dialer, [bet], "send"),
            [asSent([bet])],
            `${unfit.field} ${unfit.reason}`,
          );
        }
      });
    });

    if (agencyMax < AGENCY_MAX) {
      it(`${name} refuses an agency whose number it cannot carry before it connects`, async () => {
        const network = openNetwork(listeningDesk());
        await assert.rejects(
          network.dial(dialer, (agencyMax + 1) as AgencyId),
          /agency is \d+, max/,
        );
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
  dialer: AgencyDialer,
  bets: readonly Bet[],
  how: "send" | "sendSingle",
): Promise<readonly Heard[]> {
  const desk = listeningDesk();
  const network = openNetwork(desk);
  try {
    const [first = assert.fail()] = bets;
    const sent = sendTo(await network.dial(dialer, first.agency), bets, how);
    const onTurn = (turn: number): void => {
      if (turn === TURNS_MAX) network.clock.advance(PATIENCE_MS);
    };
    await turnUntilSettled(sent, onTurn, 2 * TURNS_MAX);
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
