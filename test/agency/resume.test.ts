import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { AgencyConfig } from "../../src/config/agency-config.ts";
import type { Bet } from "../../src/lottery/bet.ts";
import { formatLine } from "../../src/lottery/canonical-line.ts";
import { LinkError } from "../../src/protocols/agency-link.ts";
import {
  FakeCentral,
  type FakeCentralOptions,
  type Fault,
  sampleBet,
  type Step,
} from "./fake-central.ts";
import { runFake, withTempDir, writeBets } from "./harness.ts";

const betsOf = (count: number): Bet[] => Array.from({ length: count }, (_, i) => sampleBet(i));
const linesOf = (bets: readonly Bet[]): string[] =>
  bets.map((bet) => formatLine(bet).replace("\r\n", ""));
const flawed = (index: number): Bet => sampleBet(index, { birthdate: "1999-02-30" });

/** Faults at given steps, each of them once. */
function faults(...plan: readonly (readonly [Step, number, Fault])[]) {
  const left = [...plan];
  return (step: Step, sequence: number): Fault => {
    const at = left.findIndex(([s, n]) => s === step && n === sequence);
    return at < 0 ? "none" : (left.splice(at, 1)[0]?.[2] ?? "none");
  };
}

/** A central with an earlier run that was stopped when so many batches were stored. */
async function interrupted(
  dataFile: string,
  batches: number,
  config: Partial<AgencyConfig> = {},
): Promise<FakeCentral> {
  // One batch at a time, so that none is stored after the one at which the run stops.
  const central = new FakeCentral({ windows: [1] });
  const stop = new AbortController();
  const { outcome } = await runFake(
    central,
    { dataFile, ...config },
    {
      signal: stop.signal,
      onProgress: (progress) => {
        if (progress.batches === batches) stop.abort();
      },
    },
  );
  assert.equal(outcome.kind, "stopped");
  assert.equal(central.book.standing(1 as Bet["agency"]).nextSequence, batches + 1);
  return central;
}

describe("an agency after a lost connection", () => {
  for (const [what, options] of Object.entries({
    "a batch is lost": { fault: faults(["batch", 3, "lost-before"]) },
    "an answer is lost": { fault: faults(["batch", 3, "lost-after"]) },
    "several answers are lost": {
      fault: faults(["batch", 2, "lost-after"], ["batch", 4, "lost-after"]),
    },
    "the first batch is lost": { fault: faults(["batch", 1, "lost-before"]) },
    "the DONE is lost": { fault: faults(["done", 0, "lost-before"]) },
    "the answer to DONE is lost": { fault: faults(["done", 0, "lost-after"]) },
    "it was waiting for the draw": { fault: faults(["results", 0, "lost-before"]) },
    "there is no central for a while": {
      fault: faults(["batch", 5, "lost-before"], ["dial", 0, "lost-before"], ["dial", 0, "busy"]),
    },
  } satisfies Record<string, FakeCentralOptions>)) {
    it(`goes on when ${what}`, async () => {
      await withTempDir(async (dir) => {
        const bets = betsOf(20);
        const central = new FakeCentral(options);
        const { outcome, logger } = await runFake(central, { dataFile: writeBets(dir, bets) });
        assert.equal(outcome.kind, "success");
        assert.deepEqual(central.stored, linesOf(bets));
        assert.deepEqual([outcome.bets, outcome.batches], [20, 7]);
        assert.deepEqual(outcome.winners, ["30000000", "30000007", "30000014"]);
        assert.equal(central.dones, 1);
        assert.ok(central.dials > 1);
        assert.equal(logger.of("close_file").length, 1, "the file is read once");
        assert.equal(logger.of("consulta_ganadores").length, 1);
        assert.equal(central.openLinks, 0);
      });
    });
  }

  it("does not send again what has arrived", async () => {
    await withTempDir(async (dir) => {
      const central = new FakeCentral({
        windows: [2],
        fault: faults(["batch", 3, "lost-after"], ["batch", 6, "lost-after"]),
      });
      const { pausesMs } = await runFake(central, { dataFile: writeBets(dir, betsOf(20)) });
      // The second batch of the window is always lost; it is the first one on the next connection.
      assert.deepEqual(central.sentSequences, [1, 2, 3, 4, 4, 5, 6, 7, 7]);
      // Batches were stored in between: the back-off is short each time.
      assert.deepEqual(pausesMs, [50, 50]);
    });
  });

  it("numbers its batches again when the refusal of one was lost too", async () => {
    await withTempDir(async (dir) => {
      const bets = betsOf(12);
      const central = new FakeCentral({ fault: faults(["batch", 2, "lost-after"]) });
      const dataFile = writeBets(dir, bets.with(4, flawed(4)));
      const { outcome } = await runFake(central, { dataFile, badRow: "send" });
      assert.equal(outcome.error?.code, "BETS_REFUSED");
      assert.deepEqual(central.stored, linesOf([...bets.slice(0, 3), ...bets.slice(6)]));
    });
  });

  it("starts from the first bet in a dialect that does not report what the central has", async () => {
    await withTempDir(async (dir) => {
      const bets = betsOf(20);
      for (const plan of [
        ["batch", 4, "lost-after"],
        ["results", 0, "lost-before"],
      ] as const) {
        const central = new FakeCentral({ tells: false, fault: faults(plan) });
        let saidDone = 0;
        const recordDone = central.recordDone.bind(central);
        central.recordDone = (claim) => {
          saidDone++;
          recordDone(claim);
        };
        const { outcome, logger } = await runFake(central, { dataFile: writeBets(dir, bets) });
        assert.equal(outcome.kind, "success");
        assert.deepEqual([outcome.bets, outcome.batches], [20, 7]);
        assert.deepEqual(central.stored, linesOf(bets), "the repeated batches are recognised");
        const again = plan[0] === "batch";
        assert.equal(logger.of("close_file").length, again ? 2 : 1);
        assert.equal(central.sentSequences.filter((n) => n === 1).length, again ? 2 : 1);
        assert.equal(saidDone, again ? 1 : 2, "every conversation that asks for results is done");
      }
    });
  });

  it("goes on with a central that remembers bets but not batches", async () => {
    await withTempDir(async (dir) => {
      const bets = betsOf(20);
      const central = new FakeCentral({
        fault: (step, sequence) => {
          if (step === "dial" && central.dials === 2) central.restartForgetful();
          return step === "batch" && sequence === 4 && central.dials === 1 ? "lost-after" : "none";
        },
      });
      const { outcome } = await runFake(central, { dataFile: writeBets(dir, bets) });
      assert.equal(outcome.kind, "success");
      assert.deepEqual(central.stored, linesOf(bets));
      // There were four batches before the restart; after it the central counts from 1 again.
      assert.deepEqual([outcome.bets, outcome.batches], [20, 3]);
    });
  });

  it("says DONE again to a central that forgot it", async () => {
    await withTempDir(async (dir) => {
      const central = new FakeCentral({
        fault: (step) => {
          if (step === "dial" && central.dials === 2) central.restartForgetful();
          return step === "results" && central.dials === 1 ? "lost-before" : "none";
        },
      });
      const { outcome } = await runFake(central, { dataFile: writeBets(dir, betsOf(20)) });
      assert.equal(outcome.kind, "success");
      assert.deepEqual(central.stored, linesOf(betsOf(20)));
      assert.equal(central.dones, 2);
    });
  });

  it("cannot send on when another process has ended the sending", async () => {
    await withTempDir(async (dir) => {
      const central = new FakeCentral({
        fault: (step, sequence) => {
          if (step !== "batch" || sequence !== 4 || central.dials > 1) return "none";
          const { nextSequence, bets, head } = central.standing;
          central.recordDone({ batches: nextSequence - 1, bets, head });
          return "lost-before";
        },
      });
      const { outcome } = await runFake(central, { dataFile: writeBets(dir, betsOf(20)) });
      assert.equal(outcome.error?.code, "SENDING_CLOSED");
      assert.equal(outcome.bets, 9);
    });
  });
});

describe("a later run of an agency", () => {
  it("skips what the central holds of the same file", async () => {
    await withTempDir(async (dir) => {
      const bets = betsOf(20);
      const dataFile = writeBets(dir, bets);
      const central = await interrupted(dataFile, 3);
      const { outcome, logger } = await runFake(central, { dataFile });
      assert.equal(outcome.kind, "success");
      assert.deepEqual(central.stored, linesOf(bets));
      assert.deepEqual([outcome.bets, outcome.batches], [20, 7]);
      assert.deepEqual(logger.of("resume"), [
        { action: "resume", result: "success", client_id: "1", bets: 9, batches: 3 },
      ]);
    });
  });

  it("recognises the batches that were refused before", async () => {
    await withTempDir(async (dir) => {
      const bets = betsOf(20);
      const dataFile = writeBets(dir, bets.with(4, flawed(4)));
      const central = await interrupted(dataFile, 3, { badRow: "send" });
      const { outcome } = await runFake(central, { dataFile, badRow: "send" });
      assert.equal(outcome.error?.code, "BETS_REFUSED", "its exit status still tells");
      assert.deepEqual(central.stored, linesOf([...bets.slice(0, 3), ...bets.slice(6)]));
      assert.equal(outcome.winners?.length, 3);
    });
  });

  const mismatches: Record<string, (bets: Bet[]) => [Bet[], Partial<AgencyConfig>]> = {
    "the batch size": (bets) => [bets, { batchAmountMax: 2 }],
    "a stored row": (bets) => [bets.with(1, sampleBet(99)), {}],
    "the order of the rows": (bets) => [bets.toReversed(), {}],
  };
  for (const [what, change] of Object.entries(mismatches)) {
    it(`stops when ${what} has changed`, async () => {
      await withTempDir(async (dir) => {
        const dataFile = writeBets(dir, betsOf(20));
        const central = await interrupted(dataFile, 3);
        const [bets, config] = change(betsOf(20));
        writeBets(dir, bets);
        const { outcome } = await runFake(central, { dataFile, ...config });
        assert.equal(outcome.error?.code, "RESUME_MISMATCH");
        assert.equal(
          outcome.error.message,
          `Cannot resume: the 9 bets in 3 batches that the central holds are not the first rows of ${dataFile} as they are cut now; restore the file and the batch size of the earlier run, or go on after row 9 unchecked with --resume trust`,
        );
        assert.deepEqual(central.stored, linesOf(betsOf(9)));
        assert.deepEqual([central.dones, central.openLinks], [0, 0]);
      });
    });
  }

  it("goes on with a file that has grown since all of it was stored", async () => {
    await withTempDir(async (dir) => {
      const dataFile = writeBets(dir, betsOf(11));
      const central = await interrupted(dataFile, 4);
      writeBets(dir, betsOf(20));
      const { outcome } = await runFake(central, { dataFile });
      assert.equal(outcome.kind, "success", outcome.error?.message);
      assert.deepEqual(central.stored, linesOf(betsOf(20)));
    });
  });

  it("goes on after as many rows with resume trust, wherever a batch is cut now", async () => {
    for (const batchAmountMax of [1, 2, 4, 5, 9, 100]) {
      await withTempDir(async (dir) => {
        const bets = betsOf(20);
        const dataFile = writeBets(dir, bets);
        const central = await interrupted(dataFile, 3);
        const { outcome } = await runFake(central, {
          dataFile,
          batchAmountMax,
          resume: "trust",
        });
        assert.equal(outcome.kind, "success");
        assert.deepEqual(central.stored, linesOf(bets));
      });
    }
  });

  for (const resume of ["verify", "trust"] as const) {
    it(`stops when the file has become shorter than what the central holds, with resume ${resume}`, async () => {
      await withTempDir(async (dir) => {
        const dataFile = writeBets(dir, betsOf(20));
        const central = await interrupted(dataFile, 3);
        writeBets(dir, betsOf(8));
        const { outcome } = await runFake(central, { dataFile, resume });
        assert.equal(outcome.error?.code, "RESUME_MISMATCH");
        assert.equal(
          outcome.error.message,
          `Cannot resume: ${dataFile} ends after 8 bets, and the central holds 9 of this agency in 3 batches; restore the file of the earlier run`,
        );
        assert.deepEqual(central.stored, linesOf(betsOf(9)));
        assert.deepEqual([central.dones, central.openLinks], [0, 0]);
      });
    });
  }

  it("goes on with a central that forgot its batches, if the file has enough rows", async () => {
    await withTempDir(async (dir) => {
      const bets = betsOf(20);
      const dataFile = writeBets(dir, bets);
      const central = await interrupted(dataFile, 3);
      central.restartForgetful();
      writeBets(dir, bets.slice(0, 8));
      const short = await runFake(central, { dataFile });
      assert.equal(short.outcome.error?.code, "RESUME_MISMATCH");
      writeBets(dir, bets);
      const { outcome } = await runFake(central, { dataFile, batchAmountMax: 4 });
      assert.equal(outcome.kind, "success");
      assert.deepEqual(central.stored, linesOf(bets));
    });
  });

  it("finds a bad row among the rows that it skips", async () => {
    await withTempDir(async (dir) => {
      const bets = betsOf(20);
      const dataFile = writeBets(dir, bets);
      const central = await interrupted(dataFile, 3);
      writeBets(dir, bets.with(2, flawed(2)));
      const { outcome } = await runFake(central, { dataFile });
      assert.equal(outcome.error?.code, "ROW_INVALID");
    });
  });

  it("fails when the central's standing cannot be true", async () => {
    const central = new FakeCentral();
    const dial = central.dialer.dial.bind(central.dialer);
    central.dialer.dial = async (context) => {
      const link = await dial(context);
      const standing = { nextSequence: 5, bets: 0, head: Buffer.alloc(32), done: false };
      return Object.assign(link, { standing });
    };
    const { outcome } = await withTempDir((dir) =>
      runFake(central, { dataFile: writeBets(dir, betsOf(2)) }),
    );
    assert.equal(outcome.error?.code, "RESUME_MISMATCH");
    assert.ok(!(outcome.error instanceof LinkError));
  });
});
