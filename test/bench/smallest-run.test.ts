import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { chmod, readdir } from "node:fs/promises";
import { dirname, join } from "node:path";
import { text } from "node:stream/consumers";
import { describe, it, type TestContext } from "node:test";
import { cli } from "../support/paths.ts";
import { tempDir } from "../support/temp-dir.ts";

const main = join(dirname(cli), "../../bench/main.js");

async function startBench(t: TestContext, args: string) {
  const dir = await tempDir(t);
  // PostgreSQL runs as another user when we are root.
  await chmod(dir, 0o711);
  const child = spawn(process.execPath, [main, "--dir", dir, "--no-save", ...args.split(" ")], {
    stdio: ["ignore", "pipe", "pipe"],
  });
  t.after(() => child.kill("SIGKILL"));
  return { dir, child };
}

describe("the bench as a program", () => {
  it("measures a real central and its limit, and leaves nothing behind", async (t) => {
    const { dir, child } = await startBench(
      t,
      "--rounds 1 --seconds 0.2 --warmup 0.1 --json --only ^(ceiling/sink|central/native)/5$",
    );
    const [output, errors, [status]] = await Promise.all([
      text(child.stdout),
      text(child.stderr),
      once(child, "close") as Promise<[number]>,
    ]);
    assert.equal(status, 0, errors);
    const { rows } = JSON.parse(output) as {
      rows: { id: string; samples: { values: Record<string, number> }[]; ratios: object }[];
    };
    assert.deepEqual(
      rows.map(({ id }) => id),
      ["calibration/cpu", "ceiling/sink/5", "central/native/5"],
    );
    const [calibration, , central] = rows;
    const measured = calibration?.samples[0]?.values ?? {};
    for (const metric of ["scanNsPerBet", "hashUsPerBatch"]) {
      assert.ok((measured[metric] ?? 0) > 0, `${metric} in ${JSON.stringify(measured)}`);
    }
    const values = central?.samples[0]?.values ?? {};
    assert.deepEqual([values["refused"], values["errors"]], [0, 0]);
    for (const metric of ["betsPerSecond", "p50Ms", "p99Ms", "batchesPerFlush"]) {
      assert.ok((values[metric] ?? 0) > 0, `${metric} in ${JSON.stringify(values)}`);
    }
    // A bet has 47 bytes. On a busy machine few bets come in so short a time, and bets on their way
    // at its two ends are written and not counted, or the other way round.
    const perBet = values["diskBytesPerBet"] ?? 0;
    assert.ok(perBet > 10 && perBet < 500, String(perBet));
    assert.deepEqual(Object.keys(central?.ratios ?? {}), ["sink"]);
    assert.deepEqual(await readdir(dir), []);
  });

  it("measures small batches of the central and of the installed peers", async (t) => {
    const { dir, child } = await startBench(
      t,
      "--rounds 1 --seconds 0.2 --warmup 0.1 --json --only ^batch/(native|postgres-unnest|redis)/5x10$",
    );
    const [output, errors, [status]] = await Promise.all([
      text(child.stdout),
      text(child.stderr),
      once(child, "close") as Promise<[number]>,
    ]);
    assert.equal(status, 0, errors);
    const { rows } = JSON.parse(output) as {
      rows: { id: string; skipped?: string; samples: { values: Record<string, number> }[] }[];
    };
    const [, central, ...peers] = rows;
    assert.deepEqual(
      [central, ...peers].map((row) => row?.id),
      ["batch/native/5x10", "batch/postgres-unnest/5x10", "batch/redis/5x10"],
    );
    assert.equal(central?.skipped, undefined);
    for (const { id, samples } of rows.slice(1).filter(({ skipped }) => skipped === undefined)) {
      const {
        betsPerSecond = 0,
        batchesPerSecond = 0,
        diskBytesPerBet = 0,
      } = samples[0]?.values ?? {};
      assert.ok(Math.abs(betsPerSecond / batchesPerSecond - 10) < 1e-6, `${id}: not ten bets each`);
      assert.ok(diskBytesPerBet > 10, `${id}: ${diskBytesPerBet} bytes a bet`);
    }
    assert.deepEqual(await readdir(dir), []);
  });

  it("stops what it has started when it is interrupted", async (t) => {
    const { dir, child } = await startBench(
      t,
      "--rounds 10000 --seconds 0.1 --warmup 0.1 --only ^central/native/5$",
    );
    // The first line on standard error is the calibration: the central comes next.
    await once(child.stderr, "data");
    child.stderr.resume();
    child.kill("SIGINT");
    const [status] = (await once(child, "close")) as [number];
    assert.equal(status, 130);
    assert.deepEqual(await readdir(dir), []);
  });

  it("refuses options that it does not know, before it starts anything", async (t) => {
    const { dir, child } = await startBench(t, "--sloppy");
    const [errors, [status]] = await Promise.all([
      text(child.stderr),
      once(child, "close") as Promise<[number]>,
    ]);
    assert.equal(status, 2);
    assert.match(errors, /unknown option '--sloppy'/);
    assert.deepEqual(await readdir(dir), []);
  });
});
