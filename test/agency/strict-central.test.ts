import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { systemClock } from "../../src/clock.ts";
import { AGENCY_DIALERS } from "../../src/protocols/dialects.ts";
import { runReal, startRealCentral } from "./real-central.ts";
import { sampleBet } from "./fake-central.ts";
import { withTempDir, writeBets } from "./harness.ts";

const BETS = Array.from({ length: 20 }, (_, index) => sampleBet(index, { lastName: "Paz" }));

describe("a central whose clock is wrong, and that refuses every bet", { concurrency: 4 }, () => {
  for (const dialect of AGENCY_DIALERS.keys()) {
    for (const badRow of ["stop", "send"] as const) {
      it(`gets no DONE of an agency that speaks ${dialect}, with badRow ${badRow}`, async () => {
        await withTempDir(async (dir) => {
          const real = await startRealCentral({
            agencies: 1,
            clock: { ...systemClock, date: () => new Date("1980-01-01T00:00:00Z") },
          });
          try {
            const dataFile = writeBets(dir, BETS);
            const { outcome, logger } = await runReal(real, { dialect, dataFile, badRow });
            assert.equal(outcome.kind, "failed");
            const code = outcome.error?.code ?? "";
            assert.ok(["BATCH_REFUSED", "SENDING_CLOSED"].includes(code), code);
            const { message } = outcome.error ?? {};
            assert.ok(message?.includes(`${dataFile}:1: the central`), message);
            if (dialect === "native") assert.match(message ?? "", /birthdate is in the future/);
            assert.deepEqual(logger.of("send_done"), []);
            assert.deepEqual(logger.of("await_draw"), []);
            assert.equal(await real.store.state(), "open");
            assert.deepEqual(real.logger.of("register_done"), []);
          } finally {
            await real.central.stop("test");
          }
        });
      });
    }
  }
});
