import assert from "node:assert/strict";
import { appendFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, it } from "node:test";
import type { Bet } from "../../src/lottery/bet.ts";
import { FakeCentral, sampleBet, sampleBets } from "./fake-central.ts";
import { agencyCsv, linesOf, runFake, withTempDir, writeBets } from "./harness.ts";

/** Not a day of any calendar: the central refuses it. */
const flawed = (index: number): Bet => sampleBet(index, { birthdate: "1999-02-30" });

/** A row that stops the agency even with badRow send. */
const noRow = (dir: string, bets: readonly Bet[]): string => {
  const dataFile = writeBets(dir, bets);
  appendFileSync(dataFile, "no row\n");
  return dataFile;
};

describe("a bad row", () => {
  it("stops the agency before its batch, and the agency goes on once it is corrected", async () => {
    await withTempDir(async (dir) => {
      const bets = sampleBets(10);
      const dataFile = writeBets(dir, bets.with(7, flawed(7)));
      const central = new FakeCentral();
      const { outcome } = await runFake(central, { dataFile });
      assert.equal(outcome.kind, "failed");
      assert.equal(
        outcome.error?.message,
        `${dataFile}:8: birthdate is not a day of the calendar; correct the row and run again`,
      );
      assert.equal(central.dones, 0);
      assert.equal(central.openLinks, 0);
      assert.equal(outcome.bets, central.stored.length);

      writeBets(dir, bets);
      const again = await runFake(central, { dataFile });
      assert.equal(again.outcome.kind, "success");
      assert.deepEqual(central.stored, linesOf(bets));
    });
  });

  it("far down the file is found before anything is sent, and before the agency connects", async () => {
    await withTempDir(async (dir) => {
      const dataFile = writeBets(dir, [...sampleBets(3000), flawed(1)]);
      const central = new FakeCentral({ windows: [8] });
      const { outcome } = await runFake(central, { dataFile, batchAmountMax: 50 });
      assert.equal(
        outcome.error?.message,
        `${dataFile}:3001: birthdate is not a day of the calendar; correct the row and run again`,
      );
      assert.deepEqual([central.dials, central.stored, outcome.bets], [0, [], 0]);
    });
  });

  it("that cannot be cut into fields lets all rows before it be stored, with badRow send", async () => {
    await withTempDir(async (dir) => {
      const bets = sampleBets(3000);
      const dataFile = noRow(dir, bets);
      const central = new FakeCentral({ windows: [8] });
      const { outcome } = await runFake(central, { dataFile, badRow: "send", batchAmountMax: 50 });
      assert.equal(outcome.error?.code, "ROW_INVALID");
      assert.ok(outcome.bets > 0);
      assert.equal(outcome.bets, central.stored.length);
      assert.deepEqual(central.stored, linesOf(bets).slice(0, outcome.bets));
    });
  });

  it("that came into the file after it was checked stops the agency before its batch", async () => {
    await withTempDir(async (dir) => {
      const dataFile = writeBets(dir, sampleBets(10));
      const central = new FakeCentral();
      const dial = central.dialer.dial.bind(central.dialer);
      central.dialer.dial = (context) => {
        writeBets(dir, sampleBets(10).with(7, flawed(7)));
        return dial(context);
      };
      const { outcome } = await runFake(central, { dataFile });
      assert.match(outcome.error?.message ?? "", /:8: birthdate is not a day of the calendar;/);
      assert.deepEqual([outcome.bets, central.dones], [central.stored.length, 0]);
    });
  });

  it("is still reported when the connection is lost before it was reported", async () => {
    await withTempDir(async (dir) => {
      const dataFile = noRow(dir, sampleBets(3000));
      const central = new FakeCentral({
        windows: [64],
        fault: (step, sequence) =>
          step === "batch" && sequence === 5 && central.dials === 1 ? "lost-before" : "none",
      });
      const { outcome } = await runFake(central, { dataFile, badRow: "send", batchAmountMax: 50 });
      assert.equal(outcome.error?.code, "ROW_INVALID");
      assert.ok(outcome.batches > 20);
      assert.deepEqual([central.dials, central.dones], [2, 0]);
    });
  });

  it("costs only its batch, which the central refuses, with badRow send", async () => {
    await withTempDir(async (dir) => {
      const bets = sampleBets(12);
      const dataFile = writeBets(dir, bets.with(4, flawed(4)));
      const central = new FakeCentral({ windows: [3] });
      const { outcome, logger } = await runFake(central, { dataFile, badRow: "send" });
      assert.equal(outcome.kind, "failed");
      assert.equal(outcome.error?.code, "BETS_REFUSED");
      assert.equal(
        outcome.error?.message,
        "Not all was stored: refused batches: 1, bets in them: 3; the log names the rows",
      );
      assert.deepEqual(central.stored, linesOf([...bets.slice(0, 3), ...bets.slice(6)]));
      assert.deepEqual([outcome.bets, outcome.batches], [9, 3]);
      assert.equal(central.dones, 1, "the draw is not held up");
      assert.deepEqual(outcome.winners, ["30000000", "30000007"]);
      assert.deepEqual(
        logger.of("lote_enviado").filter(({ result }) => result === "fail"),
        [
          {
            action: "lote_enviado",
            result: "fail",
            cantidad: 3,
            client_id: "1",
            batch: 2,
            code: "INVALID",
            row: `${dataFile}:5`,
            field: "birthdate",
            reason: "is not a day of the calendar",
          },
        ],
      );
      // 2, 3 and 4 are sent together; 2 is refused, and what was 3 and 4 is sent again as 2 and 3.
      assert.deepEqual(central.sentSequences, [1, 2, 3, 4, 2, 3]);
    });
  });

  for (const badRow of ["stop", "send"] as const) {
    it(`that only the central finds bad ends the run without a DONE, with badRow ${badRow}`, async () => {
      await withTempDir(async (dir) => {
        const bets = sampleBets(30);
        const central = new FakeCentral({ windows: [3] });
        const dataFile = writeBets(dir, bets.with(4, sampleBet(4, { birthdate: "2027-01-01" })));
        const run = { today: () => 20280101 };
        const { outcome, logger } = await runFake(central, { dataFile, badRow }, run);
        assert.equal(outcome.kind, "failed");
        assert.equal(outcome.error?.code, "BATCH_REFUSED");
        assert.equal(
          outcome.error.message,
          `Cannot send batch 2, at ${dataFile}:5: the central refuses it (INVALID: birthdate is in the future), and no row of it is bad by this agency's own check; nothing more was sent, and the agency has not said that it is done: look into the central's log for the reason, and run again`,
        );
        assert.deepEqual(central.stored, linesOf(bets.slice(0, 3)));
        assert.equal(central.dones, 0);
        assert.equal(outcome.bets, 3);
        const [refused] = logger.of("lote_enviado").filter(({ result }) => result === "fail");
        assert.equal(refused?.["row"], `${dataFile}:5`);
        assert.deepEqual(central.sentSequences, [1, 2, 3, 4], "what is under way is settled");

        // The central's mistake is corrected: the same file goes on where it stopped.
        writeBets(dir, bets);
        const again = await runFake(central, { dataFile, badRow });
        assert.equal(again.outcome.kind, "success");
        assert.deepEqual(central.stored, linesOf(bets));
      });
    });
  }

  it("that the central refused does not excuse a refusal of another batch", async () => {
    await withTempDir(async (dir) => {
      const bets = sampleBets(12)
        .with(1, flawed(1))
        .with(7, sampleBet(7, { birthdate: "2027-01-01" }));
      const central = new FakeCentral();
      const { outcome } = await runFake(
        central,
        { dataFile: writeBets(dir, bets), badRow: "send" },
        { today: () => 20280101 },
      );
      assert.equal(outcome.error?.code, "BATCH_REFUSED");
      assert.deepEqual(central.stored, linesOf(bets.slice(3, 6)));
      assert.equal(central.dones, 0);
    });
  });

  it("in two batches of one window costs only these two batches", async () => {
    await withTempDir(async (dir) => {
      const bets = sampleBets(21);
      const bad = bets.with(0, flawed(0)).with(10, flawed(10)).with(20, flawed(20));
      const central = new FakeCentral({ windows: [10] });
      const { outcome } = await runFake(central, {
        dataFile: writeBets(dir, bad),
        badRow: "send",
      });
      assert.equal(outcome.bets, 12);
      assert.deepEqual(central.stored, linesOf([...bets.slice(3, 9), ...bets.slice(12, 18)]));
    });
  });

  it("before a row that cannot be cut into fields does not stop the batches in between", async () => {
    await withTempDir(async (dir) => {
      const bets = sampleBets(3000);
      const dataFile = join(dir, "agency-1.csv");
      writeFileSync(dataFile, `${agencyCsv(bets.with(4, flawed(4)))}no row\n`);
      const central = new FakeCentral({ windows: [64] });
      const { outcome } = await runFake(central, { dataFile, badRow: "send", batchAmountMax: 100 });
      assert.equal(outcome.error?.code, "ROW_INVALID");
      assert.ok(outcome.bets > 100 && outcome.bets % 100 === 0);
      assert.deepEqual(central.stored, linesOf(bets).slice(100, 100 + outcome.bets));
    });
  });
});
