import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { Batch } from "../../src/lottery/batch.ts";
import { batchOf } from "../stores/conformance/batches.ts";
import { type DiskStep, type Fault, MemoryDisk, randomFrom } from "../support/disk-memory.ts";
import { openOn } from "../stores/ledger/ledger-fixture.ts";

// Mistakes that the simulation has found in the program, each as the smallest case that shows it.
// Its planted bugs have the same mistakes (./planted-bugs.ts).

const submit = (store: Awaited<ReturnType<typeof openOn>>, batch: Batch): Promise<unknown> =>
  new Promise((resolve) => {
    store.submit(batch, resolve);
  });

describe("P1 P10: a start after a kill", () => {
  it("syncs names that the killed process had not synced, before it confirms anything", async () => {
    let disk = new MemoryDisk(randomFrom(1));
    let failed = false;
    disk.onStep = ({ kind }): Fault | undefined => {
      // The name of the first segment is there, but it may not be durable.
      const isFirst = disk.paths.some((path) => path.endsWith("00000001.seg"));
      if (failed || kind !== "syncDir" || !isFirst) return undefined;
      failed = true;
      return { kind: "crash" };
    };
    await assert.rejects(openOn(disk));
    assert.ok(failed);
    disk = disk.kill();
    // The segments that are prepared next would also sync the names, so none may be prepared here.
    disk.onStep = ({ kind, path }: DiskStep) =>
      kind === "create" && path.endsWith(".seg.tmp")
        ? { kind: "error", code: "ENOSPC" }
        : undefined;
    const store = await openOn(disk);
    const verdict = await submit(store, batchOf(1, 1));
    assert.equal((verdict as { kind: string }).kind, "stored");
    const [segment] = [...disk.durableFiles].filter(([path]) => path.endsWith(".seg"));
    assert.ok(segment !== undefined, "a power cut now would lose a confirmed batch");
    await store.close();
  });
});
