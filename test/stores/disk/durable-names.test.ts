import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { openCsvStore } from "../../../src/stores/csv/csv-store.ts";
import { openLedger } from "../../../src/stores/ledger/ledger.ts";
import { batchOf, submit, WINNING_NUMBER } from "../conformance/batches.ts";
import { MemoryDisk, noLock } from "../../support/disk-memory.ts";

describe("P1 a power cut right after the first confirmed batch", () => {
  for (const [store, open, files] of [
    ["ledger", openLedger, ["/data/1/00000001.seg", "/data/1/draw.json"]],
    ["csv", openCsvStore, ["/data/bets.csv"]],
  ] as const) {
    it(`loses no name of a file of the ${store} store`, async () => {
      const disk = new MemoryDisk();
      const opened = await open({
        dir: "/data",
        draw: "1",
        winningNumber: WINNING_NUMBER,
        agencies: 2,
        disk,
        lock: noLock,
        onFailure: (error) => {
          throw error;
        },
      });
      assert.equal((await submit(opened, batchOf(1, 1))).kind, "stored");
      const kept = disk.durableFiles;
      for (const path of files) assert.ok(kept.has(path), path);
      await opened.close();
    });
  }
});
