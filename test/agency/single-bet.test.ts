import assert from "node:assert/strict";
import { describe, it } from "node:test";
import * as fc from "fast-check";
import type { AgencyConfig } from "../../src/config/agency-config.ts";
import { formatLine } from "../../src/lottery/canonical-line.ts";
import { FIRST_STANDING } from "../../src/lottery/standing.ts";
import { FakeCentral, type Fault, sampleBet } from "./fake-central.ts";
import { runFake } from "./harness.ts";

const BET = sampleBet(1, { document: "30904465", number: 7574 });
const LINE = formatLine(BET).replace("\r\n", "");
const SINGLE: Partial<AgencyConfig> = { mode: "bet", bet: BET };

describe("an agency with a single bet", () => {
  it("sends it, logs it in the exercise's words, and sends no DONE", async () => {
    const central = new FakeCentral();
    const { outcome, logger } = await runFake(central, SINGLE);
    assert.deepEqual(outcome, {
      kind: "success",
      error: undefined,
      bets: 1,
      batches: 1,
      missing: [],
      winners: undefined,
    });
    assert.deepEqual(central.stored, [LINE]);
    assert.deepEqual([central.dones, central.openLinks], [0, 0]);
    assert.match(
      logger.render("agency"),
      / INFO     action: apuesta_enviada \| result: success \| dni: 30904465 \| numero: 7574\n/,
    );
  });

  it("may send another one in another run, even an equal bet", async () => {
    const central = new FakeCentral();
    await runFake(central, SINGLE);
    const { outcome } = await runFake(central, SINGLE);
    assert.equal(outcome.kind, "success");
    assert.deepEqual(central.stored, [LINE, LINE]);
  });

  it("has it stored once through any failures, and reports this", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.constantFrom<Fault>("none", "lost-before", "lost-after", "busy"), {
          maxLength: 20,
        }),
        fc.nat({ max: 2 }),
        fc.boolean(),
        async (faults, earlier, tells) => {
          let armed = false;
          const central = new FakeCentral({
            tells,
            fault: () => (armed ? (faults.shift() ?? "none") : "none"),
          });
          // If batches have no numbers, an equal bet is taken for a repetition.
          const earlierRuns = tells ? earlier : 0;
          for (let i = 0; i < earlierRuns; i++) await runFake(central, SINGLE);
          armed = true;
          const before = central.stored.length;
          const { outcome, logger } = await runFake(central, SINGLE);
          assert.equal(outcome.kind, "success");
          assert.equal(central.stored.length, before + 1);
          assert.equal(logger.of("apuesta_enviada").length, 1);
          assert.equal(central.openLinks, 0);
        },
      ),
    );
  });

  it("finds out whether it arrived at a central that forgets batches", async () => {
    for (const fault of ["lost-before", "lost-after"] as const) {
      const central = new FakeCentral({
        fault: (step) => {
          if (step === "dial" && central.dials === 3) central.restartForgetful();
          return step === "batch" && central.dials === 2 ? fault : "none";
        },
      });
      await runFake(central, SINGLE);
      const { outcome } = await runFake(central, SINGLE);
      assert.equal(outcome.kind, "success");
      assert.deepEqual(central.stored, [LINE, LINE]);
    }
  });

  it("does not guess when another process has sent bets meanwhile", async () => {
    for (const others of [1, 2]) {
      const central = new FakeCentral({
        fault: (step) => {
          if (step !== "batch" || central.dials > 1) return "none";
          for (let sequence = 1; sequence <= others; sequence++) {
            const bets = [sampleBet(50 + sequence)];
            central.decide({ sequence, bets, lines: Buffer.from(bets.map(formatLine).join("")) });
          }
          return "lost-before";
        },
      });
      const { outcome } = await runFake(central, SINGLE);
      assert.equal(outcome.error?.code, "BET_UNCERTAIN");
      assert.equal(central.stored.length, others);
    }
  });

  it("fails when the central refuses it", async () => {
    const central = new FakeCentral();
    const bet = { ...BET, birthdate: "2026-06-01" };
    const { outcome, logger } = await runFake(central, { mode: "bet", bet, badRow: "send" });
    assert.equal(outcome.kind, "failed");
    assert.equal(outcome.error?.code, "BETS_REFUSED");
    assert.deepEqual([outcome.bets, central.stored.length], [0, 0]);
    assert.deepEqual(logger.of("apuesta_enviada"), [
      {
        action: "apuesta_enviada",
        result: "fail",
        dni: "30904465",
        numero: 7574,
        error: "The central refused the bet: INVALID, birthdate is in the future",
      },
    ]);
  });

  it("fails before it sends an invalid bet", async () => {
    const central = new FakeCentral();
    const { outcome, logger } = await runFake(central, {
      mode: "bet",
      bet: { ...BET, document: "no" },
    });
    assert.equal(outcome.error?.message, "Cannot send the bet: document is not 1 to 10 digits");
    assert.equal(central.dials, 0);
    assert.equal(logger.of("apuesta_enviada")[0]?.result, "fail");
  });

  it("fails when the agency is done already", async () => {
    const central = new FakeCentral();
    central.recordDone({ batches: 0, bets: 0, head: FIRST_STANDING.head });
    const { outcome } = await runFake(central, SINGLE);
    assert.equal(outcome.error?.message, "The central refused the bet: LATE, the agency is done");
  });

  it("does not believe a central with another chain head, or one that skips the bet", async () => {
    const forging = new FakeCentral({ forge: () => Buffer.alloc(32, 1) });
    assert.equal((await runFake(forging, SINGLE)).outcome.error?.code, "CENTRAL_UNSOUND");
    const skipping = new FakeCentral();
    skipping.decide = () => ({ kind: "skipped" });
    assert.equal((await runFake(skipping, SINGLE)).outcome.error?.code, "CENTRAL_UNSOUND");
  });
});
