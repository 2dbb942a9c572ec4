import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { tempDir } from "../support/temp-dir.ts";
import { closeUnderLoad } from "./closing-instant.ts";

describe("P4 a draw that closes under load", () => {
  for (const by of ["clock", "operator"] as const) {
    it(`by the ${by} seals what it has confirmed, and every other batch is told LATE`, async (t) => {
      const dir = await tempDir(t);
      const tally = await closeUnderLoad({ dir, connections: 20, batches: 20_000, by });
      assert.deepEqual(tally.others, []);
      const accepted = [...tally.accepted.values()].reduce((sum, count) => sum + count, 0);
      assert.ok(accepted > 0 && tally.late > 0, `${accepted} accepted, ${tally.late} late`);
      assert.equal(accepted + tally.late, 20_000);
    });
  }
});
