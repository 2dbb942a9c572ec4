import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { parseOptions } from "../../bench/options.ts";
import { planRows } from "../../bench/plan.ts";
import { Stage } from "../../bench/stage.ts";

function rowIds(...argv: string[]): string[] {
  const stage = new Stage("/nowhere", new AbortController().signal);
  return planRows(parseOptions(argv), stage, () => undefined).map(({ id }) => id);
}

describe("what is measured", () => {
  it("is everything, each under its own name, and compared only with rows that exist", () => {
    const stage = new Stage("/nowhere", new AbortController().signal);
    const rows = planRows(parseOptions([]), stage, () => undefined);
    const ids = new Set(rows.map(({ id }) => id));
    assert.equal(ids.size, rows.length);
    for (const { id, against = {} } of rows) {
      for (const other of Object.values(against)) assert.ok(ids.has(other), `${id}: ${other}`);
    }
    assert.ok(ids.has("size/50M") && ids.has("connections/10000") && ids.has("job/tlv"));
  });

  it("can be limited to some rows and the calibration", () => {
    assert.deepEqual(rowIds("--only", "^central/native/"), [
      "calibration/cpu",
      "central/native/5",
      "central/native/100",
      "central/native/5w32",
    ]);
    assert.deepEqual(rowIds("--only", "size", "--sizes", "0.5,2"), [
      "calibration/cpu",
      "size/0.5M",
      "size/2M",
    ]);
    assert.deepEqual(rowIds("--quick", "--only", "size|connections"), [
      "calibration/cpu",
      "connections/0",
      "connections/1000",
      "size/1M",
    ]);
  });

  it("has small batches of the central, then of each peer in the same shape", () => {
    const stage = new Stage("/nowhere", new AbortController().signal);
    const rows = planRows(parseOptions(["--only", "^batch/"]), stage, () => undefined).slice(1);
    const systems = ["native", "postgres-unnest", "postgres-copy", "redis"];
    assert.deepEqual(
      rows.map(({ id, against }) => [id, against]),
      ["5x1", "100x1", "5x10", "100x10"].flatMap((shape) =>
        systems.map((system) => [
          `batch/${system}/${shape}`,
          system === "native" ? {} : { base: `batch/native/${shape}` },
        ]),
      ),
    );
  });

  it("shows how many bets a small batch has", () => {
    const stage = new Stage("/nowhere", new AbortController().signal);
    const argv = ["--only", "^batch/(native/5x1|redis/100x10)$"];
    const titles = planRows(parseOptions(argv), stage, () => undefined).map(({ title }) => title);
    assert.deepEqual(titles.slice(1), [
      "native, 5 connections, batches of 1 bet",
      "Redis streams, appendfsync always, 100 clients, batches of 10 bets",
    ]);
  });

  it("is decided by single options before --quick", () => {
    const { rounds, seconds } = parseOptions(["--quick", "--rounds", "4"]);
    assert.deepEqual([rounds, seconds], [4, 1]);
  });
});
