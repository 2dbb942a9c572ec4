import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { BetStore, Verdict } from "../../../src/store/bet-store.ts";
import {
  agency,
  batchesOf,
  batchOf,
  scanned,
  submit,
  submitAll,
  winnersOf,
  tell,
} from "../conformance/batches.ts";
import { FakeClock } from "../../support/fake-clock.ts";
import { MemoryDisk } from "../../support/disk-memory.ts";
import { documentsOf } from "../../support/documents.ts";
import { DRAW_DIR, eventually, openOn, segmentPath, segmentReady } from "./ledger-fixture.ts";

const MIB = 1024 * 1024;

/** Submits batches of agency 1 from `from` on until one is not stored. */
async function fill(store: BetStore, from: number): Promise<{ next: number; verdict: Verdict }> {
  for (let next = from; ; next++) {
    const verdict = await submit(store, batchOf(1, next));
    if (verdict.kind !== "stored") return { next, verdict };
  }
}

describe("a full disk", () => {
  it("P9 is answered with busy, keeps what was stored, and is used again when there is room", async () => {
    const disk = new MemoryDisk();
    const clock = new FakeClock();
    disk.capacityBytes = 3 * 4096;
    const store = await openOn(disk, { clock });
    await submit(store, batchOf(1, 1));
    await segmentReady(disk, 2);
    const { next, verdict } = await fill(store, 2);
    assert.deepEqual(verdict, { kind: "busy", retryAfterMs: 1000 });
    assert.equal(store.congested, false, "an answer is due: nobody is to wait for room");
    assert.equal((await submit(store, batchOf(1, next - 1))).kind, "duplicate");
    assert.deepEqual(await submit(store, batchOf(1, next)), { kind: "busy", retryAfterMs: 1000 });
    assert.equal((await store.standing(agency(1))).nextSequence, next);

    // Nothing was written by half, and the attempt left no file.
    assert.ok(disk.paths.every((path) => !path.endsWith(".tmp")));
    disk.capacityBytes = MIB;
    clock.advance(1000);
    await segmentReady(disk, 3);
    assert.equal((await submit(store, batchOf(1, next))).kind, "stored");
    assert.equal((await scanned(store)).length, next);
    // If no segment is ready now, the disk is not full any more, only the preparation is late.
    const burst = await submitAll(store, batchesOf(1, next + 1, next + 200));
    assert.deepEqual(
      burst.find(({ kind }) => kind === "busy"),
      { kind: "busy", retryAfterMs: 10 },
    );
    await store.close();
  });

  it("does not prevent the end of a draw, because room is kept for DONEs, seal and draw", async () => {
    const disk = new MemoryDisk();
    const clock = new FakeClock();
    disk.capacityBytes = 3 * 4096;
    const store = await openOn(disk, { clock });
    const { next } = await fill(store, 1);
    const before = await scanned(store);
    for (const of of [1, 2]) {
      assert.deepEqual(await store.done(agency(of)), { kind: "done" });
    }
    // The room of the prepared segments becomes free after the draw.
    disk.capacityBytes = 0;
    assert.deepEqual(await store.performDraw(tell), { performed: true });
    assert.equal(await store.state(), "drawn");
    assert.deepEqual(await documentsOf(await store.winners(agency(1))), winnersOf(1, next - 1));
    await eventually("bets.csv waits for room", () => clock.timers > 0);
    assert.ok(!disk.paths.includes(`${DRAW_DIR}/bets.csv`));

    disk.capacityBytes = MIB;
    clock.advance(1000);
    await eventually("seal.json", () => disk.paths.includes(`${DRAW_DIR}/seal.json`));
    assert.equal((await store.standing(agency(1))).nextSequence, next);
    assert.equal((await scanned(store)).length, before.length);
    await store.close();
  });

  it("does not prevent opening a ledger that is there", async () => {
    const disk = new MemoryDisk();
    const first = await openOn(disk, { clock: new FakeClock() });
    await submitAll(first, batchesOf(1, 1, 3));
    await first.close();
    disk.capacityBytes = 0;
    const second = await openOn(disk, { clock: new FakeClock() });
    assert.equal((await submit(second, batchOf(1, 4))).kind, "stored");
    assert.equal((await fill(second, 5)).verdict.kind, "busy");
    await second.close();
  });

  it("without room for the first segment prevents opening a new ledger", async () => {
    const disk = new MemoryDisk();
    disk.capacityBytes = 1000;
    await assert.rejects(openOn(disk), { code: "STORE_UNUSABLE", message: /ENOSPC/ });
    assert.equal(disk.openFiles, 0);
  });
});

describe("a segment that is not ready in time", () => {
  it("congests the store until it is", async () => {
    const disk = new MemoryDisk();
    const held: (() => void)[] = [];
    const makeDir = disk.syncDir.bind(disk);
    let holding = false;
    disk.syncDir = async (dir) => {
      if (holding) await new Promise<void>((resolve) => held.push(resolve));
      await makeDir(dir);
    };
    const store = await openOn(disk);
    await submit(store, batchOf(1, 1));
    await segmentReady(disk, 3);
    holding = true;
    const { next, verdict } = await fill(store, 2);
    assert.deepEqual(verdict, { kind: "busy", retryAfterMs: 10 });
    assert.ok(store.congested);
    const room = new Promise<void>((resolve) => store.whenRoom(resolve));
    holding = false;
    for (const release of held) release();
    await room;
    assert.equal(store.congested, false);
    assert.equal((await submit(store, batchOf(1, next))).kind, "stored");
    await store.close();
  });
});

describe("P8 a disk that fails", () => {
  it("stops the store, which reports it once, and confirms and repeats nothing", async () => {
    const disk = new MemoryDisk();
    const failures: Error[] = [];
    const store = await openOn(disk, { onFailure: (error) => failures.push(error) });
    await submit(store, batchOf(1, 1));
    await segmentReady(disk, 3);
    let writes = 0;
    disk.onStep = ({ kind }) => {
      if (kind !== "write") return undefined;
      writes++;
      return { kind: "error", code: "EIO" };
    };
    const settled: Verdict[] = [];
    const settle = (verdict: Verdict): void => void settled.push(verdict);
    const failed = { code: "STORE_FAILED", message: /00000001\.seg at byte \d+: EIO/ };
    const waiting = assert.rejects(store.whenDrawn(), failed);
    for (const batch of batchesOf(1, 2, 5)) store.submit(batch, settle);
    store.submit(batchOf(1, 1), settle);
    await assert.rejects(store.standing(agency(1)), failed);
    await waiting;
    assert.deepEqual(
      [failures.length, (failures[0] as { code?: string }).code],
      [1, "STORE_FAILED"],
    );

    disk.onStep = () => undefined;
    for (const batch of [batchOf(1, 1), batchOf(1, 6)]) store.submit(batch, settle);
    await assert.rejects(store.state(), failed);
    await assert.rejects(store.standing(agency(1)), failed);
    await assert.rejects(store.done(agency(1)), failed);
    await assert.rejects(store.performDraw(tell), failed);
    await assert.rejects(store.whenDrawn(), failed);
    await assert.rejects(scanned(store), failed);
    await store.close();
    assert.deepEqual([settled, failures.length, writes], [[], 1, 1]);
    assert.equal(disk.openFiles, 0);

    const next = await openOn(disk);
    assert.equal((await next.standing(agency(1))).nextSequence, 2);
    await next.close();
  });

  it("stops the store when the next segment cannot be prepared", async () => {
    const disk = new MemoryDisk();
    disk.onStep = ({ path }) =>
      path.includes("00000002.seg") ? { kind: "error", code: "EIO" } : undefined;
    const failure = await new Promise<Error>((resolve, reject) => {
      openOn(disk, { onFailure: resolve })
        .then((store) => submit(store, batchOf(1, 1)))
        .catch(reject);
    });
    assert.match(failure.message, /Cannot prepare a segment: EIO/);
  });

  it("stops the store when a stored batch turns out to be damaged, and nothing is published", async () => {
    const disk = new MemoryDisk();
    const failures: Error[] = [];
    const store = await openOn(disk, { onFailure: (error) => failures.push(error) });
    await submitAll(store, batchesOf(1, 1, 3));
    disk.bytesOf(segmentPath(1))[120] = 0x58;
    for (const of of [1, 2]) await store.done(agency(of));
    await store.performDraw(tell);
    // No bet of the batch wins, so telling winners does not read it.
    assert.deepEqual(await documentsOf(await store.winners(agency(1))), winnersOf(1, 3));
    await eventually("the damage is found", () => failures.length > 0);
    const corrupt = { code: "LEDGER_CORRUPT", message: /00000001\.seg at byte 32/ };
    assert.equal(failures.length, 1);
    assert.throws(() => {
      throw failures[0];
    }, corrupt);
    await assert.rejects(store.winners(agency(1)), corrupt);
    assert.ok(
      !disk.paths.includes("/data/1/seal.json") && !disk.paths.includes("/data/1/bets.csv"),
    );
    await store.close();
  });

  it("goes on after a short write", async () => {
    const disk = new MemoryDisk();
    disk.onStep = ({ kind, bytes }) =>
      kind === "write" && bytes > 1 ? { kind: "short", bytes: Math.ceil(bytes / 3) } : undefined;
    const store = await openOn(disk);
    const verdicts = await submitAll(store, batchesOf(1, 1, 8));
    assert.ok(verdicts.every(({ kind }) => kind === "stored"));
    const found = (await scanned(store)).map(({ lines }) => lines);
    assert.deepEqual(
      found,
      batchesOf(1, 1, 8).map(({ lines }) => lines),
    );
    await store.close();
  });

  it("loses only a summary when only that cannot be written", async () => {
    const disk = new MemoryDisk();
    disk.onStep = ({ path }) =>
      path.includes(".sum") ? { kind: "error", code: "EIO" } : undefined;
    const store = await openOn(disk, { segmentBytes: 2048 });
    for (const batch of batchesOf(1, 1, 30)) await submit(store, batch);
    await store.close();
    const second = await openOn(disk);
    assert.equal((await second.standing(agency(1))).nextSequence, 31);
    await second.close();
  });
});
