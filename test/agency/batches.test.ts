import assert from "node:assert/strict";
import { describe, it } from "node:test";
import * as fc from "fast-check";
import { BatchCutter, type CutBatch, cutBatches } from "../../src/agency/batches.ts";
import type { BetRow } from "../../src/agency/read-bets.ts";
import { encodeLines, formatLine } from "../../src/lottery/canonical-line.ts";
import type { BatchMeasure } from "../../src/protocols/agency-link.ts";
import { sampleBet } from "./fake-central.ts";

const MEASURE: BatchMeasure = { overheadBytes: 15, betBytes: (_bet, lineBytes) => lineBytes + 1 };

function rowsOf(count: number): BetRow[] {
  return Array.from({ length: count }, (_, index) => ({
    bet: sampleBet(index),
    fileLine: index + 1,
    flawed: index === 4,
  }));
}

async function cut(
  rows: readonly BetRow[],
  limits: { amountMax: number; bytesMax: number },
  blockRows = 5,
): Promise<CutBatch[]> {
  async function* blocks() {
    for (let at = 0; at < rows.length; at += blockRows) yield rows.slice(at, at + blockRows);
  }
  const batches: CutBatch[] = [];
  const source = cutBatches(blocks(), { ...limits, measure: MEASURE, path: "a.csv" });
  for await (const batch of source) batches.push(batch);
  return batches;
}

const sizes = (batches: readonly CutBatch[]): number[] => batches.map(({ bets }) => bets.length);
const bytesOf = (bets: readonly BetRow[]): number =>
  bets.reduce((sum, { bet }) => sum + Buffer.byteLength(formatLine(bet)) + 1, 15);

describe("batches", () => {
  it("are cut by count", async () => {
    assert.deepEqual(sizes(await cut(rowsOf(7), { amountMax: 3, bytesMax: 8192 })), [3, 3, 1]);
    assert.deepEqual(sizes(await cut(rowsOf(6), { amountMax: 3, bytesMax: 8192 })), [3, 3]);
    assert.deepEqual(sizes(await cut([], { amountMax: 3, bytesMax: 8192 })), []);
  });

  it("are cut by bytes, exactly at the limit", async () => {
    const rows = rowsOf(4);
    const bytesMax = bytesOf(rows.slice(0, 3));
    assert.deepEqual(sizes(await cut(rows, { amountMax: 100, bytesMax })), [3, 1]);
    assert.deepEqual(sizes(await cut(rows, { amountMax: 100, bytesMax: bytesMax - 1 })), [2, 2]);
  });

  it("have the lines of their bets, and where these are in the file", async () => {
    const rows = rowsOf(5);
    const [first, second] = await cut(rows, { amountMax: 3, bytesMax: 8192 });
    assert.deepEqual(
      first?.bets,
      rows.slice(0, 3).map(({ bet }) => bet),
    );
    assert.deepEqual(first?.lines, encodeLines(first?.bets ?? []));
    assert.deepEqual(first?.fileLines, [1, 2, 3]);
    assert.equal(first?.flawed, false);
    assert.deepEqual(second?.fileLines, [4, 5]);
    assert.equal(second?.flawed, true);
  });

  it("hold every bet once, in order, and are as full as both limits allow", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.nat({ max: 60 }),
        fc.integer({ min: 1, max: 20 }),
        fc.integer({ min: 100, max: 900 }),
        fc.integer({ min: 1, max: 9 }),
        async (count, amountMax, bytesMax, blockRows) => {
          const rows = rowsOf(count);
          const limits = { amountMax, bytesMax };
          const batches = await cut(rows, limits, blockRows);
          assert.deepEqual(
            batches.flatMap(({ bets }) => bets),
            rows.map(({ bet }) => bet),
          );
          let at = 0;
          for (const size of sizes(batches)) {
            const taken = rows.slice(at, at + size);
            assert.ok(size >= 1 && size <= amountMax && bytesOf(taken) <= bytesMax);
            at += size;
            const oneMore = rows.slice(at - size, at + 1);
            assert.ok(
              at === count || size === amountMax || bytesOf(oneMore) > bytesMax,
              "a batch was cut too early",
            );
          }
          assert.deepEqual(await cut(rows, limits, 7), batches, "the blocks make no difference");
        },
      ),
    );
  });

  it("cannot hold a bet that is larger than a frame", () => {
    const cutter = new BatchCutter({
      amountMax: 10,
      bytesMax: 200,
      measure: MEASURE,
      path: "a.csv",
    });
    const row = { bet: sampleBet(1, { lastName: "x".repeat(200) }), fileLine: 42, flawed: false };
    assert.throws(() => cutter.add(row), {
      code: "ROW_INVALID",
      message:
        "a.csv:42: line takes a batch of 248 bytes where 200 are allowed; raise batch.maxBytes or shorten it",
    });
  });
});
