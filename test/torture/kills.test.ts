import { describe, it } from "node:test";
import { createRandom } from "../../src/generate/random.ts";
import { castOf, SPOKEN, VERSIONS } from "../blackbox/dialects/cast.ts";
import { plainData } from "../blackbox/dialects/plain-data.ts";
import { playKills } from "../blackbox/dialects/play-kills.ts";
import { seed, seedNote } from "../support/seed.ts";

const ROUNDS = 3;
const KILLS_MAX = 10;
const BETS = 500;
const BATCH_BETS_MAX = 9;
const WINNERS = [1, 2, 0, 3, 40, 5] as const;

const CASTS: Readonly<Record<string, readonly string[]>> = {
  ...Object.fromEntries(VERSIONS.map((dialect) => [dialect, [dialect]])),
  "all dialects at once": SPOKEN,
};

describe(`P2 P10: a draw survives kills of agencies and the central at any moment (${seedNote})`, {
  concurrency: 2,
}, () => {
  for (const [index, [what, dialects]] of Object.entries(CASTS).entries()) {
    for (let round = 1; round <= ROUNDS; round++) {
      it(`in ${what}, round ${round}`, async () => {
        const random = createRandom(seed, index, round);
        await playKills({
          cast: castOf(WINNERS.length, dialects).map((part) => ({
            ...part,
            batchBets: 1 + random.below(BATCH_BETS_MAX),
          })),
          agencies: WINNERS.map((winners) => plainData(BETS - random.below(20), winners)),
          kills: 1 + random.below(KILLS_MAX),
          random,
        });
      });
    }
  }
});
