import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { huntPlanted } from "../sim/plant.ts";
import { PLANTED_BUGS } from "../sim/planted-bugs.ts";
import { FIRST_SEED, playSeeds } from "../sim/play-seeds.ts";

const SEEDS = 2000;
const SEEDS_A_TEST = 200;
const SEEDS_TO_FIND = 1000;

for (const [kind, what] of [
  ["one", "simulated draws"],
  ["several", "simulated worlds with several draws in one central"],
] as const) {
  describe(`P1 to P10: ${SEEDS} ${what} from QUINIELA_SEED=${FIRST_SEED}`, () => {
    for (let first = FIRST_SEED; first < FIRST_SEED + SEEDS; first += SEEDS_A_TEST) {
      it(`keep their promises and end with seeds ${first} to ${first + SEEDS_A_TEST - 1}`, async () => {
        await playSeeds(first, SEEDS_A_TEST, kind);
      });
    }
  });
}

describe(`the simulation, within ${SEEDS_TO_FIND} seeds,`, () => {
  for (const bug of PLANTED_BUGS) {
    it(`notices when ${bug.name}`, async (t) => {
      const { found, played } = await huntPlanted(bug, { first: 1, count: SEEDS_TO_FIND });
      assert.ok(found.length > 0, "no seed has found it");
      t.diagnostic(`seed ${played}: ${found[0]?.violation}`);
    });
  }
});
