import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { expectPlace, huntPlanted } from "./plant.ts";
import { PLANTED_BUGS } from "./planted-bugs.ts";

// The bugs that a few seeds find; make torture plants all of them.
const QUICK = PLANTED_BUGS.filter(({ quick }) => quick === true);
const SEEDS = 100;

describe("the simulation", () => {
  for (const bug of QUICK) {
    it(`notices when ${bug.name}`, async () => {
      const { found } = await huntPlanted(bug, { first: 1, count: SEEDS });
      assert.ok(found.length > 0, `${SEEDS} seeds have not found it`);
    });
  }
});

describe("every planted bug", () => {
  for (const { name, edits } of PLANTED_BUGS) {
    it(`still fits the text of the program: ${name}`, async () => {
      for (const edit of edits) await expectPlace(edit);
    });
  }
});
