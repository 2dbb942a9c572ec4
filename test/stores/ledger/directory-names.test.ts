import assert from "node:assert/strict";
import { dirname } from "node:path";
import { describe, it } from "node:test";
import { batchOf, submit } from "../conformance/batches.ts";
import { MemoryDisk } from "../../support/disk-memory.ts";
import { DRAW_DIR, openOn } from "./ledger-fixture.ts";

/** A disk with directories of a process that was killed before it had synced their names. */
class HalfMadeDisk extends MemoryDisk {
  readonly #unsynced = new Set(["/data", DRAW_DIR]);

  override async syncDir(dir: string): Promise<void> {
    await super.syncDir(dir);
    for (const name of this.#unsynced) if (dirname(name) === dir) this.#unsynced.delete(name);
  }

  /** Everything below a lost name is lost too. */
  override powerCut(): MemoryDisk {
    const left = super.powerCut();
    return this.#unsynced.size === 0 ? left : new MemoryDisk();
  }
}

function failing(code: string): MemoryDisk {
  const disk = new MemoryDisk();
  const syncDir = disk.syncDir.bind(disk);
  disk.syncDir = (dir) =>
    dir === "/" ? Promise.reject(Object.assign(new Error(code), { code })) : syncDir(dir);
  return disk;
}

describe("the names of a ledger's directories", () => {
  it("P1 are made durable by the process that finds them, before anything is confirmed", async () => {
    const disk = new HalfMadeDisk();
    // Work in the background fails when the power fails.
    const store = await openOn(disk, { onFailure: () => undefined });
    assert.equal((await submit(store, batchOf(1, 1))).kind, "stored");
    const later = await openOn(disk.powerCut());
    assert.equal((await submit(later, batchOf(1, 1))).kind, "duplicate");
    await later.close();
  });

  it("are not synced in directories that may not be opened", async () => {
    const store = await openOn(failing("EACCES"));
    assert.equal((await submit(store, batchOf(1, 1))).kind, "stored");
    await store.close();
  });

  it("P8 prevent a start when they cannot be made durable", async () => {
    await assert.rejects(openOn(failing("EIO")), { code: "STORE_UNUSABLE", message: /EIO/ });
  });
});
