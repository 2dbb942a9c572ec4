import { it } from "node:test";
import { createRandom } from "../../../src/generate/random.ts";
import { seed, seedNote } from "../../support/seed.ts";
import { castOf, SPOKEN } from "./cast.ts";
import { plainData } from "./plain-data.ts";
import { playKills } from "./play-kills.ts";

const KILLS = 5;
const BETS = 300;
const BATCH_BETS = 5;

const WINNERS = [1, 2, 0, 3, 40, 5] as const;

// `make torture` runs many more of these draws, also in each dialect alone.
it(`P2 P10: a draw in all dialects survives kills of agencies and the central (${seedNote})`, async () => {
  await playKills({
    cast: castOf(WINNERS.length, SPOKEN).map((part) => ({ ...part, batchBets: BATCH_BETS })),
    agencies: WINNERS.map((winners, index) => plainData(BETS + index, winners)),
    kills: KILLS,
    random: createRandom(seed),
  });
});
