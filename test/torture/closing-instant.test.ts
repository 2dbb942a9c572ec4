import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { closeUnderLoad } from "../operate/closing-instant.ts";
import { tempDir } from "../support/temp-dir.ts";

const ROUNDS = 10;

describe("P4 a draw that closes under the load of 50 connections", () => {
  for (const by of ["clock", "operator"] as const) {
    for (let round = 1; round <= ROUNDS; round++) {
      it(`by the ${by} seals what it has confirmed, round ${round}`, async (t) => {
        const dir = await tempDir(t);
        const tally = await closeUnderLoad({ dir, connections: 50, batches: 100_000, by });
        assert.deepEqual(tally.others, []);
        const accepted = [...tally.accepted.values()].reduce((sum, count) => sum + count, 0);
        assert.equal(accepted + tally.late, 100_000);
        assert.ok(tally.late > 0);
      });
    }
  }
});
