import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { ENDS_MAX } from "../../src/agency/refused-by-end.ts";
import type { AgencyConfig } from "../../src/config/agency-config.ts";
import { formatLine } from "../../src/lottery/canonical-line.ts";
import { FakeCentral, type FakeCentralOptions, sampleBet } from "./fake-central.ts";
import { runFake, withTempDir, writeBets } from "./harness.ts";

/** Eight bets, three in a batch; the central refuses the fifth one. */
const BETS = Array.from({ length: 8 }, (_, index) =>
  sampleBet(index, index === 4 ? { birthdate: "2999-01-01" } : {}),
);
const SEND_BAD_ROWS: Partial<AgencyConfig> = { badRow: "send" };

function central(options: FakeCentralOptions): FakeCentral {
  return new FakeCentral({ tells: false, ...options });
}

function lines(from: number, to: number): string[] {
  return BETS.slice(from, to).map((bet) => formatLine(bet).replace("\r\n", ""));
}

describe("a dialect that ends the connection after a refusal", () => {
  it("costs one batch: all others are stored, once, and the agency is done", async () => {
    await withTempDir(async (dir) => {
      const fake = central({ refusal: "answer-and-end" });
      const dataFile = writeBets(dir, BETS);
      const { outcome, logger } = await runFake(fake, { ...SEND_BAD_ROWS, dataFile });
      assert.equal(outcome.error?.code, "BETS_REFUSED");
      assert.deepEqual(fake.stored, [...lines(0, 3), ...lines(6, 8)]);
      assert.equal(fake.dones, 1);
      const refusals = logger.of("lote_enviado").filter(({ result }) => result === "fail");
      assert.deepEqual(
        refusals.map(({ row }) => row),
        [`${dataFile}:5`],
      );
    });
  });
});

describe("a dialect that refuses by ending the connection", () => {
  it("is understood in the end: the agency names the batch and gives up", async () => {
    await withTempDir(async (dir) => {
      const fake = central({ refusal: "end" });
      const dataFile = writeBets(dir, BETS);
      const { outcome, pausesMs } = await runFake(fake, { ...SEND_BAD_ROWS, dataFile });
      assert.equal(outcome.error?.code, "SENDING_CLOSED");
      assert.match(outcome.error?.message ?? "", new RegExp(`${dataFile}:4: the central ended`));
      assert.equal(fake.dials, ENDS_MAX);
      assert.equal(pausesMs.length, ENDS_MAX - 1);
      assert.deepEqual(fake.stored, lines(0, 3));
      assert.equal(fake.dones, 0);
    });
  });

  it("is understood for a single bet too", async () => {
    const fake = central({ refusal: "end" });
    const bet = BETS[4];
    const { outcome } = await runFake(fake, { ...SEND_BAD_ROWS, mode: "bet", bet });
    assert.equal(outcome.error?.code, "SENDING_CLOSED");
    assert.equal(fake.dials, ENDS_MAX);
    assert.deepEqual(fake.stored, []);
  });

  it("is understood when it refuses the end of the bets", async () => {
    await withTempDir(async (dir) => {
      const fake = central({ fault: (step) => (step === "done" ? "ended" : "none") });
      const { outcome } = await runFake(fake, { dataFile: writeBets(dir, []) });
      assert.equal(outcome.error?.code, "SENDING_CLOSED");
      assert.equal(fake.dials, ENDS_MAX);
    });
  });

  it("has not refused while the connection ends at different batches", async () => {
    await withTempDir(async (dir) => {
      // At two batches the connection ends as often as is possible without a refusal.
      const endsLeft = new Map([
        [2, ENDS_MAX - 1],
        [3, ENDS_MAX - 1],
      ]);
      const fake = central({
        fault: (step, sequence) => {
          const left = step === "batch" ? (endsLeft.get(sequence) ?? 0) : 0;
          endsLeft.set(sequence, left - 1);
          return left > 0 ? "ended" : "none";
        },
      });
      const good = BETS.filter((_, index) => index !== 4);
      const { outcome } = await runFake(fake, { dataFile: writeBets(dir, good) });
      assert.equal(fake.dials, 2 * (ENDS_MAX - 1) + 1);
      assert.equal(fake.stored.length, good.length);
      assert.equal(outcome.kind, "success", outcome.error?.message);
    });
  });
});
