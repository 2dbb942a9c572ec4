import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { Batch, UnnumberedBatch } from "../../src/lottery/batch.ts";
import type { AgencyId } from "../../src/lottery/bet.ts";
import type { Desk, DeskVerdict } from "../../src/protocols/desk.ts";
import { submitPatiently } from "../../src/protocols/intake.ts";
import { batchOf } from "../conformance/batches.ts";
import { fakeClock } from "../support/central-clock.ts";
import { type DiskStep, type Fault, MemoryDisk, randomFrom } from "../support/disk-memory.ts";
import { openOn } from "../ledger/ledger-fixture.ts";

// What the simulation has found in the program, each as the smallest case that shows it. Its planted
// bugs hold the same mistakes (./planted-bugs.ts).

const submit = (store: Awaited<ReturnType<typeof openOn>>, batch: Batch): Promise<unknown> =>
  new Promise((resolve) => {
    store.submit(batch, resolve);
  });

describe("P1 P10: a start after a kill", () => {
  it("syncs the names that the killed process had not, before anything is confirmed under them", async () => {
    let disk = new MemoryDisk(randomFrom(1));
    let failed = false;
    disk.onStep = ({ kind }): Fault | undefined => {
      // The name of the first segment is there, and nothing says that it lasts.
      const isFirst = disk.paths.some((path) => path.endsWith("00000001.seg"));
      if (failed || kind !== "syncDir" || !isFirst) return undefined;
      failed = true;
      return { kind: "crash" };
    };
    await assert.rejects(openOn(disk));
    assert.ok(failed);
    disk = disk.kill();
    // The segments that are prepared next bring a sync of their own: none comes here.
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

describe("P2: a batch that waits for room", () => {
  it("makes way for its sender's next connection, which sends it again", async () => {
    const clock = fakeClock();
    const settled: { readonly batch: object; readonly settle: (verdict: DeskVerdict) => void }[] =
      [];
    const desk = {
      submitUnnumbered: (batch: UnnumberedBatch, settle: (verdict: DeskVerdict) => void) => {
        settled.push({ batch, settle });
      },
    } as unknown as Desk;
    const agency = 1 as AgencyId;
    const batchAt = (text: string): UnnumberedBatch => ({
      agency,
      count: 1,
      lines: Buffer.from(text),
      place: "connection-start",
    });
    const { signal } = new AbortController();
    const old = submitPatiently({ desk, clock }, batchAt("b"), signal);
    settled[0]?.settle({ kind: "busy", retryAfterMs: 1000 });
    const first = submitPatiently({ desk, clock }, batchAt("a"), signal);
    settled[1]?.settle({ kind: "duplicate", head: Buffer.alloc(32) });
    assert.equal((await first).kind, "duplicate");
    clock.tick(1000);
    await assert.rejects(old, { name: "AbortError" });
    assert.equal(settled.length, 2, "the old one was not submitted again");
  });
});
