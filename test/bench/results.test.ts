import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { basename, join } from "node:path";
import { describe, it } from "node:test";
import { judge, resultsFileName, resultsJson, saveResults } from "../../bench/report/results.ts";
import { tempDir } from "../support/temp-dir.ts";
import { resultsOf, rowOf, sampleOf } from "./results-fixture.ts";

describe("results", () => {
  it("compare rows round by round, and not their medians", () => {
    const base = rowOf("central/native/5", [100, 400, 200]);
    const [row] = judge([
      rowOf("central/tlv/5", [50, 100, 180], { against: { base: "central/native/5" } }),
      base,
    ]);
    // The rounds' ratios are 0.5, 0.25 and 0.9. Their median is 0.5, and so is 100 by 200.
    assert.deepEqual(row?.ratios.base, { median: 0.5, min: 0.25, max: 0.9, n: 3 });
    assert.deepEqual(row?.summary.betsPerSecond, { median: 100, min: 50, max: 180, n: 3 });
  });

  it("compare only rounds that both have", () => {
    const base = rowOf("base", [], { samples: [sampleOf(2, { betsPerSecond: 100 })] });
    const [row] = judge([rowOf("row", [10, 20, 30], { against: { base: "base" } }), base]);
    assert.deepEqual(row?.ratios.base, { median: 0.2, min: 0.2, max: 0.2, n: 1 });
  });

  it("have no ratio if the other row is missing", () => {
    const [row] = judge([rowOf("row", [10], { against: { sink: "ceiling/sink/5" } })]);
    assert.deepEqual(row?.ratios, {});
  });

  it("are written with machine, options and every sample", () => {
    const skipped = rowOf("peer/redis/5", [], { group: "peers", skipped: "no redis-server" });
    const json: unknown = JSON.parse(resultsJson(resultsOf([rowOf("a", [1, 2]), skipped])));
    const { machine, calibration, options, load, rows, ...head } = json as {
      machine: Record<string, unknown>;
      calibration: unknown;
      options: Record<string, unknown>;
      load: Record<string, unknown>;
      rows: Record<string, unknown>[];
    };
    assert.deepEqual(head, {
      format: "quiniela-bench/1",
      startedAt: "2026-11-20T14:30:00.000Z",
      finishedAt: "2026-11-20T14:42:00.000Z",
    });
    assert.deepEqual(Object.keys(machine), [
      "cpu",
      "cores",
      "memoryBytes",
      "kernel",
      "disk",
      "node",
      "commit",
    ]);
    assert.equal(calibration, null);
    assert.deepEqual(options, { rounds: 3, seconds: 3, warmupSeconds: 1, batch: 100 });
    assert.deepEqual(load, { before: 0.5, after: 2.5 });
    assert.deepEqual(rows[0]?.["samples"], [
      sampleOf(1, { betsPerSecond: 1 }),
      sampleOf(2, { betsPerSecond: 2 }),
    ]);
    assert.deepEqual(rows[0]?.["summary"], {
      betsPerSecond: { median: 1.5, min: 1, max: 2, n: 2 },
    });
    assert.equal(rows[1]?.["skipped"], "no redis-server");
  });

  it("have at their top how fast the machine itself was", () => {
    const samples = [78, 80].map((scanNsPerBet, index) => sampleOf(index + 1, { scanNsPerBet }));
    const row = rowOf("calibration/cpu", [], { group: "calibration", samples });
    const { calibration } = JSON.parse(resultsJson(resultsOf([row]))) as { calibration: unknown };
    assert.deepEqual(calibration, { scanNsPerBet: { median: 79, min: 78, max: 80, n: 2 } });
  });

  it("are saved under day, machine and Node version", async (t) => {
    const results = resultsOf([rowOf("a", [1])]);
    const name = "2026-11-20-1430-amd-epyc-tm-2-cores-node-20.20.2.json";
    assert.equal(resultsFileName(results), name);
    const path = await saveResults(join(await tempDir(t), "results"), results);
    assert.equal(basename(path), name);
    assert.equal(await readFile(path, "utf8"), resultsJson(results));
  });
});
