import assert from "node:assert/strict";
import { join } from "node:path";
import { describe, it } from "node:test";
import type { BetStore } from "../../../src/store/bet-store.ts";
import { FailureLatch } from "../../../src/stores/failure-latch.ts";
import { nodeDisk } from "../../../src/stores/disk/node-disk.ts";
import { Ownership } from "../../../src/stores/disk/ownership.ts";
import { StoreError } from "../../../src/store/store-error.ts";
import { agency, batchOf, submit } from "../conformance/batches.ts";
import { eventually, openOn, segmentPath } from "../ledger/ledger-fixture.ts";
import { FakeClock } from "../../support/fake-clock.ts";
import { MemoryDisk } from "../../support/disk-memory.ts";
import { tempDir } from "../../support/temp-dir.ts";

/** A lock that can be lost. */
class FakeLock {
  looks = 0;
  lost: StoreError | undefined;
  readonly #callbacks: ((error: StoreError) => void)[] = [];

  check(): void {
    this.looks++;
    if (this.lost !== undefined) throw this.lost;
  }

  whenLost(callback: (error: StoreError) => void): void {
    this.#callbacks.push(callback);
  }

  async release(): Promise<void> {}

  lose(): void {
    this.lost = new StoreError("STORE_LOST_LOCK", "Cannot go on: the lock is gone");
  }

  /** Does what the watch does. */
  tell(): void {
    const { lost } = this;
    assert.ok(lost !== undefined);
    for (const callback of this.#callbacks) callback(lost);
  }
}

describe("P5 the check that the directory is ours", () => {
  it("is made once for all writes within 20 ms", () => {
    const lock = new FakeLock();
    const clock = new FakeClock();
    const ownership = new Ownership(lock, clock, new FailureLatch());
    for (let write = 0; write < 100; write++) {
      assert.ok(ownership.isOurs());
      clock.advance(1);
    }
    assert.equal(lock.looks, 5);
    ownership.doubt();
    assert.ok(ownership.isOurs());
    assert.equal(lock.looks, 6);
  });

  it("makes the store fail when the directory is not ours", () => {
    const lock = new FakeLock();
    const latch = new FailureLatch();
    const ownership = new Ownership(lock, new FakeClock(), latch);
    lock.lose();
    assert.ok(!ownership.isOurs());
    assert.equal(latch.error, lock.lost);
    assert.throws(() => ownership.expectOurs(), { code: "STORE_LOST_LOCK" });
  });
});

/** A store that has taken one batch. */
async function open(): Promise<{
  readonly disk: MemoryDisk;
  readonly clock: FakeClock;
  readonly lock: FakeLock;
  readonly failures: Error[];
  readonly store: BetStore;
}> {
  const disk = new MemoryDisk();
  const clock = new FakeClock();
  const lock = new FakeLock();
  const failures: Error[] = [];
  const store = await openOn(disk, {
    clock,
    lock: () => Promise.resolve(lock),
    onFailure: (error) => failures.push(error),
  });
  await submit(store, batchOf(1, 1));
  return { disk, clock, lock, failures, store };
}

describe("P1 a file that is removed, or replaced, while it is written", () => {
  const GONE = { code: "STORE_FAILED", message: /1\.seg: it was removed or replaced/ };
  const ways: Readonly<Record<string, (disk: MemoryDisk, path: string) => Promise<unknown>>> = {
    removed: (disk, path) => disk.remove(path),
    replaced: async (disk, path) => {
      const copy = await disk.open(`${path}.copy`, { mode: "create" });
      await copy.close();
      await disk.rename(`${path}.copy`, path);
    },
  };
  for (const [way, change] of Object.entries(ways)) {
    it(`ends the ledger before it confirms more than 20 ms of batches, when it is ${way}`, async () => {
      const { disk, clock, failures, store } = await open();
      await change(disk, segmentPath(1));
      clock.advance(20);
      store.submit(batchOf(1, 2), () => assert.fail("it was confirmed"));
      await assert.rejects(store.standing(agency(1)), GONE);
      await store.close();
      assert.equal(failures.length, 1);
    });
  }

  it("prevents the seal of the draw, even if it was full long ago", async () => {
    const { disk, store, failures } = await open();
    let next = 2;
    while (!disk.paths.includes(segmentPath(4))) {
      const { kind } = await submit(store, batchOf(1, next));
      if (kind === "stored") next++;
      await new Promise(setImmediate);
    }
    await store.done(agency(1));
    await disk.remove(segmentPath(1));
    await assert.rejects(store.done(agency(2)), GONE);
    assert.equal(failures.length, 1);
    await store.close();
  });

  it("is noticed on a real disk", async (t) => {
    const path = join(await tempDir(t), "file");
    for (const overZeros of [false, true]) {
      const file = await nodeDisk.open(path, { mode: "create", durable: true, overZeros });
      assert.ok(file.isNamed());
      await nodeDisk.remove(path);
      assert.ok(!file.isNamed());
      await file.close();
    }
  });
});

describe("P5 a ledger whose lock is lost", () => {
  it("writes and confirms nothing any more", async () => {
    const { disk, clock, lock, failures, store } = await open();
    const before = new Map(disk.paths.map((path) => [path, Buffer.from(disk.bytesOf(path))]));
    lock.lose();
    clock.advance(20);
    store.submit(batchOf(1, 2), () => assert.fail("it was confirmed"));
    await assert.rejects(store.standing(agency(1)), { code: "STORE_LOST_LOCK" });
    await store.close();
    assert.deepEqual(failures, [lock.lost]);
    for (const path of disk.paths) {
      if (path.endsWith("1.seg")) assert.deepEqual(disk.bytesOf(path), before.get(path));
    }
    assert.ok(
      !disk.paths.some((path) => path.endsWith(".sum")),
      "no summary of what may be another's",
    );
  });

  it("does not confirm what was being written when it was lost", async () => {
    const { disk, clock, lock, store } = await open();
    disk.onStep = ({ kind }) => {
      if (kind === "write") {
        lock.lose();
        clock.advance(20);
      }
      return undefined;
    };
    store.submit(batchOf(1, 2), () => assert.fail("it was confirmed"));
    await assert.rejects(store.standing(agency(1)), { code: "STORE_LOST_LOCK" });
    await store.close();
  });

  it("writes no seal, however recent its last check is", async () => {
    const { lock, store } = await open();
    await store.done(agency(1));
    lock.lose();
    await assert.rejects(store.done(agency(2)), { code: "STORE_LOST_LOCK" });
    await store.close();
  });

  it("does not remove the file that it was making, because it may be the new owner's", async () => {
    const disk = new MemoryDisk();
    const lock = new FakeLock();
    const failures: Error[] = [];
    const temp = `${segmentPath(2)}.tmp`;
    const store = await openOn(disk, {
      lock: () => Promise.resolve(lock),
      onFailure: (error) => failures.push(error),
    });
    disk.onStep = ({ path, kind }) => {
      if (path === temp && kind === "write") lock.lose();
      return undefined;
    };
    await submit(store, batchOf(1, 1));
    await eventually("it has seen it", () => failures.length > 0);
    await store.close();
    assert.ok(disk.paths.includes(temp));
  });

  it("stops even if nothing is written", async () => {
    const { lock, failures, store } = await open();
    lock.lose();
    lock.tell();
    assert.deepEqual(failures, [lock.lost]);
    await store.close();
  });
});
