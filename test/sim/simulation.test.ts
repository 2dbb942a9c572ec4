import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { FIRST_SEED, playSeeds } from "./play-seeds.ts";
import { simulate } from "./simulate.ts";

const SEEDS = 100;
const REPLAYED = 5;

describe("P1 to P10: a draw in a world where everything goes wrong", () => {
  it(`keeps its promises and comes to its end (${SEEDS} draws from QUINIELA_SEED=${FIRST_SEED})`, async () => {
    await playSeeds(FIRST_SEED, SEEDS);
  });

  it("is repeated exactly by its number", async () => {
    for (let number = FIRST_SEED; number < FIRST_SEED + REPLAYED; number++) {
      const first = await simulate(number);
      const second = await simulate(number);
      assert.deepEqual(second.trace, first.trace);
      assert.equal(second.hash, first.hash);
    }
  });

  it("is another one with another number", async () => {
    const [one, other] = [await simulate(FIRST_SEED), await simulate(FIRST_SEED + 1)];
    assert.notEqual(one.hash, other.hash);
  });
});
