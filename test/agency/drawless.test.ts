import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { FakeCentral, sampleBet } from "./fake-central.ts";
import { runFake, withTempDir, writeBets } from "./harness.ts";

describe("an agency in a dialect without a draw", () => {
  it("is finished when everything is stored, and logs no DONE, no waiting and no winners", async () => {
    await withTempDir(async (dir) => {
      const central = new FakeCentral({ tells: false, drawless: true });
      const { outcome, logger } = await runFake(
        central,
        {
          dataFile: writeBets(
            dir,
            Array.from({ length: 7 }, (_, index) => sampleBet(index)),
          ),
        },
        { dialer: { ...central.dialer, drawless: true } },
      );
      assert.deepEqual(outcome, {
        kind: "success",
        error: undefined,
        bets: 7,
        batches: 3,
        missing: [],
        winners: undefined,
      });
      assert.equal(central.dones, 0);
      assert.doesNotMatch(logger.render("agency"), /send_done|await_draw|consulta_ganadores/);
    });
  });
});
