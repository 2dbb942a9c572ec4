import assert from "node:assert/strict";
import { describe, it, type TestContext } from "node:test";
import { systemClock } from "../../src/clock.ts";
import { DRIVERS } from "../../src/load/drivers/drivers.ts";
import type { BenchOptions } from "../../src/load/options.ts";
import { isClean } from "../../src/load/report.ts";
import { runBench } from "../../src/load/run-bench.ts";
import { generateBets } from "../../src/generate/generate-bets.ts";
import type { AgencyId } from "../../src/lottery/bet.ts";
import { parseLines } from "../../src/lottery/canonical-line.ts";
import { agencyDialectNames, DIALECTS, drawDialectNames } from "../../src/protocols/dialects.ts";
import type { StoredBatch } from "../../src/store/bet-store.ts";
import { type Fixture, startFixture } from "../central/fixture.ts";
import { seed, seedNote } from "../support/seed.ts";
import { benchOptions } from "./bench-options.ts";

const AGENCIES = [1, 2, 3];
/** More bets than the prepared batches have, and not a multiple of their number. */
const BETS = 1477;
const DRAW_SEED = 5;
const [FIRST_BET] = generateBets({ seed: DRAW_SEED, agency: 1 as AgencyId, count: 1 });
/** The number of the first made-up bet, which is sent in any case. */
const WINNING_NUMBER = FIRST_BET?.number ?? assert.fail("no bet was made up");

const YEAR_MS = 31_536_000_000;

function startCentral(t: TestContext): Promise<Fixture> {
  const store = { agencies: AGENCIES.length, winningNumber: WINNING_NUMBER };
  return startFixture(t, { dialects: DIALECTS, store });
}

function betsIn(batches: readonly StoredBatch[]): number {
  return batches.reduce((sum, { lines }) => sum + parseLines(lines).length, 0);
}

function winnersIn(batches: readonly StoredBatch[]): number {
  return batches
    .flatMap(({ lines }) => parseLines(lines))
    .filter(({ number }) => number === WINNING_NUMBER).length;
}

describe(`a load counts what the central stores (${seedNote})`, () => {
  it("in every dialect that an agency can speak", () => {
    assert.deepEqual([...DRIVERS.keys()].toSorted(), agencyDialectNames().toSorted());
  });

  for (const [dialect, driver] of DRIVERS) {
    const variants: Readonly<Record<string, Partial<BenchOptions>>> = {
      "batches of 10": {},
      "batches of one": { batchBets: 1, extent: { kind: "bets", bets: 200 } },
      ...(driver.windowMax > 1 ? { "eight batches on their way": { window: 8 } } : {}),
      ...(driver.connectionPerMessage === "may"
        ? { "kept connections": { keepConnection: true } }
        : {}),
      "a rate": { ratePerSecond: 10_000, window: Math.min(4, driver.windowMax) },
    };
    for (const [what, variant] of Object.entries(variants)) {
      it(`in ${dialect}, with ${what}`, async (t) => {
        const { port, store } = await startCentral(t);
        const extent = { kind: "bets", bets: BETS } as const;
        const options = benchOptions(port, { dialect, seed, extent, ...variant });
        const report = await runBench(options);
        const bets = options.extent.kind === "bets" ? options.extent.bets : 0;
        assert.ok(isClean(report), `${report.firstRefusal} ${report.firstError}`);
        assert.deepEqual([report.bets, report.total.bets], [bets, bets]);
        assert.equal(betsIn(store.batches), bets);
        assert.equal(store.batches.length, report.batches);
        assert.equal(report.wireBytesOut > report.bets * 20, true);
        const perMessage = driver.connectionPerMessage !== "no" && !options.keepConnection;
        assert.equal(report.connectionPerMessage, perMessage);
      });
    }
  }

  for (const dialect of drawDialectNames()) {
    it(`in ${dialect}, up to the draw`, async (t) => {
      const { port, store } = await startCentral(t);
      const report = await runBench(
        benchOptions(port, {
          dialect,
          seed: DRAW_SEED,
          batchBets: 100,
          extent: { kind: "bets", bets: 30_000 },
          done: true,
        }),
      );
      assert.ok(isClean(report), `${report.firstRefusal} ${report.firstError}`);
      assert.equal(store.draws, 1);
      assert.ok(winnersIn(store.batches) > 0, "somebody wins");
      assert.equal(report.draw?.winners, winnersIn(store.batches));
      assert.ok(report.draw !== null && report.draw.secondsFromLastBatch > 0);
      assert.ok(report.draw.secondsFromConnect > report.draw.secondsFromLastBatch);
    });
  }
});

describe("a load with other options", () => {
  it("continues after the stored batches of native's agencies, and says DONE for all of them", async (t) => {
    const { port, store } = await startCentral(t);
    const first = await runBench(benchOptions(port));
    const second = await runBench(benchOptions(port, { done: true, window: 5 }));
    assert.deepEqual([first.total.bets, second.total.bets], [1000, 1000]);
    assert.equal(betsIn(store.batches), 2000);
    assert.equal(second.draw?.winners, winnersIn(store.batches));
  });

  it("measures for a given time, and stops", async (t) => {
    const { port, store } = await startCentral(t);
    const extent = { kind: "time", warmupMs: 20, durationMs: 50 } as const;
    let warmUp = 0;
    const report = await runBench(
      benchOptions(port, {
        extent,
        onProgress({ phase, bets }) {
          if (phase === "warming-up") warmUp = bets;
        },
      }),
    );
    assert.ok(isClean(report));
    assert.ok(report.bets <= report.total.bets - warmUp, "the warm-up does not count");
    assert.equal(betsIn(store.batches), report.total.bets);
    assert.equal(
      report.betsBySecond.reduce((sum, bets) => sum + bets, 0),
      report.bets,
    );
  });

  it("measures no latency of batches that were sent before the measured time", async (t) => {
    const { port } = await startCentral(t);
    let jumpMs = 0;
    const report = await runBench(
      benchOptions(port, {
        extent: { kind: "time", warmupMs: 1, durationMs: 1 },
        clock: { ...systemClock, nowMs: () => systemClock.nowMs() + jumpMs },
        onProgress({ phase, fraction }) {
          // Every connection has a batch on its way, whose answer takes a year.
          if (phase === "warming-up" && fraction >= 1) jumpMs = YEAR_MS;
        },
      }),
    );
    assert.equal(jumpMs, YEAR_MS);
    assert.ok(report.latencyMs.max < YEAR_MS);
  });

  it("ends early when it is told to", async (t) => {
    const { port } = await startCentral(t);
    const stopping = new AbortController();
    const report = await runBench(
      benchOptions(port, {
        extent: { kind: "time", warmupMs: 0, durationMs: 3_600_000 },
        signal: stopping.signal,
        onProgress: ({ phase, bets }) => {
          if (phase === "measuring" && bets > 0) stopping.abort();
        },
      }),
    );
    assert.ok(report.bets > 0);
  });
});
