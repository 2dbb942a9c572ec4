import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { FIRST_SEED, playSeeds } from "./play-seeds.ts";
import { simulate, type WorldKind } from "./simulate.ts";

const SEEDS = 100;
const SEEDS_OF_SEVERAL = 60;
const REPLAYED: Readonly<Record<WorldKind, number>> = { one: 5, several: 2 };

describe("P1 to P10: a draw in a world where everything goes wrong", () => {
  it(`keeps its promises and comes to its end (${SEEDS} draws from QUINIELA_SEED=${FIRST_SEED})`, async () => {
    await playSeeds(FIRST_SEED, SEEDS);
  });

  for (const kind of ["one", "several"] as const) {
    it(`is repeated exactly by its number, with ${kind} in one central`, async () => {
      for (let number = FIRST_SEED; number < FIRST_SEED + REPLAYED[kind]; number++) {
        const first = await simulate(number, kind);
        const second = await simulate(number, kind);
        assert.deepEqual(second.trace, first.trace);
        assert.equal(second.hash, first.hash);
      }
    });
  }

  it("is another one with another number", async () => {
    const [one, other] = [await simulate(FIRST_SEED), await simulate(FIRST_SEED + 1)];
    assert.notEqual(one.hash, other.hash);
  });
});

describe("P1 to P10: several draws in one central, with operators, a timetable and a clock that jumps", () => {
  it(`keep their promises and come to their end (${SEEDS_OF_SEVERAL} worlds from QUINIELA_SEED=${FIRST_SEED})`, async () => {
    await playSeeds(FIRST_SEED, SEEDS_OF_SEVERAL, "several");
  });
});
