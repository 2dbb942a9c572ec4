import assert from "node:assert/strict";
import { readdir } from "node:fs/promises";
import { describe, it, type TestContext } from "node:test";
import { type Group, type Measured, type Row, Skipped } from "../../bench/row.ts";
import { type RoundEvent, runRounds } from "../../bench/run-rounds.ts";
import { type Program, Stage } from "../../bench/stage.ts";
import { tempDir } from "../support/temp-dir.ts";

const row = (id: string, run: Row["run"], once = false): Row => ({
  id,
  group: "central" satisfies Group,
  title: id,
  once,
  run,
});

async function run(
  t: TestContext,
  rows: readonly Row[],
  options: { rounds?: number; controller?: AbortController } = {},
) {
  const { rounds = 2, controller = new AbortController() } = options;
  const dir = await tempDir(t);
  const events: RoundEvent[] = [];
  const results = runRounds({
    rows,
    rounds,
    calmSeconds: 0,
    newStage: () => new Stage(dir, controller.signal),
    signal: controller.signal,
    onEvent: (event) => events.push(event),
  });
  return { dir, events, results };
}

const measured = (betsPerSecond: number): Measured => ({ values: { betsPerSecond } });

/** A program that never ends by itself, and a folder. */
async function startIdler(stage: Stage): Promise<Program> {
  await stage.folder();
  const script = "setInterval(() => undefined, 1000)";
  return stage.start({ name: "idler", command: process.execPath, args: ["-e", script] });
}

describe("rounds", () => {
  it("measure every row once per round, one after the other, and single rows at the end", async (t) => {
    const order: string[] = [];
    const note = (id: string) => () => {
      order.push(id);
      return Promise.resolve(measured(order.length));
    };
    const rows = [row("a", note("a")), row("big", note("big"), true), row("b", note("b"))];
    const { results, events } = await run(t, rows);
    const [a, big, b] = await results;
    assert.deepEqual(order, ["a", "b", "a", "b", "big"]);
    assert.deepEqual(
      [a, big, b].map((result) => result?.samples.map(({ round, values }) => [round, values])),
      [
        [
          [1, { betsPerSecond: 1 }],
          [2, { betsPerSecond: 3 }],
        ],
        [[1, { betsPerSecond: 5 }]],
        [
          [1, { betsPerSecond: 2 }],
          [2, { betsPerSecond: 4 }],
        ],
      ],
    );
    assert.deepEqual(
      events.filter(({ kind }) => kind === "sample").map(({ step, steps }) => [step, steps]),
      [1, 2, 3, 4, 5].map((step) => [step, 5]),
    );
  });

  it("go on after a row that fails, and do not repeat a row that is not available", async (t) => {
    let fails = 0;
    let skips = 0;
    const rows = [
      row("fails", () => {
        fails++;
        return Promise.reject(new Error(`no luck ${fails}`));
      }),
      row("skips", () => {
        skips++;
        return Promise.reject(new Skipped("no such program"));
      }),
      row("works", () => Promise.resolve(measured(1))),
    ];
    const { results } = await run(t, rows);
    const [failed, skipped, works] = await results;
    assert.deepEqual(failed?.failures, ["no luck 1", "no luck 2"]);
    assert.deepEqual([skips, skipped?.skipped, skipped?.failures], [1, "no such program", []]);
    assert.equal(works?.samples.length, 2);
  });

  it("leave nothing of a row behind, whether it succeeds or fails", async (t) => {
    const programs: Program[] = [];
    const rows = [
      row("works", async (stage) => {
        programs.push(await startIdler(stage));
        return measured(1);
      }),
      row("fails", async (stage) => {
        programs.push(await startIdler(stage));
        throw new Error("no luck");
      }),
    ];
    const { results, dir } = await run(t, rows, { rounds: 1 });
    await results;
    assert.deepEqual(
      programs.map(({ hasEnded }) => hasEnded),
      [true, true],
    );
    assert.deepEqual(await readdir(dir), []);
  });

  it("end at once when they are interrupted", async (t) => {
    const controller = new AbortController();
    const rows = [
      row("waits", async (stage) => {
        const idler = await startIdler(stage);
        controller.abort(new Error("interrupted"));
        await idler.succeed();
        return measured(1);
      }),
      row("never", () => Promise.reject(new Error("must not be reached"))),
    ];
    const { results, dir, events } = await run(t, rows, { controller });
    await assert.rejects(results, /interrupted/);
    assert.deepEqual(
      events.map(({ row: { id }, kind }) => [id, kind]),
      [["waits", "begin"]],
    );
    assert.deepEqual(await readdir(dir), []);
  });
});
