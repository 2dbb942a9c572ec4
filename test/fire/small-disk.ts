import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, rmdirSync, statfsSync } from "node:fs";
import { open } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

const CHUNK = Buffer.alloc(1024 * 1024, 1);

/** A small file system in memory, with another file that takes room. */
export class SmallDisk {
  readonly path: string;
  readonly #ballast: string;

  /** @throws Error if this user may not mount */
  constructor(megabytes: number) {
    this.path = mkdtempSync(join(tmpdir(), "quiniela-disk-"));
    this.#ballast = join(this.path, "ballast");
    const options = ["-t", "tmpfs", "-o", `size=${megabytes}m`, "tmpfs", this.path];
    const { error, status, stderr } = spawnSync("mount", options, { encoding: "utf8" });
    if (status === 0) return;
    rmdirSync(this.path);
    throw new Error(`Cannot mount: ${error?.message ?? stderr.trim()}`);
  }

  get freeBytes(): number {
    const { bavail, bsize } = statfsSync(this.path);
    return bavail * bsize;
  }

  /** The other file takes all room except this. */
  async leave(bytes: number): Promise<void> {
    const file = await open(this.#ballast, "a");
    try {
      const { size } = await file.stat();
      await file.truncate(Math.min(size, Math.max(0, size + this.freeBytes - bytes)));
      for (let left = this.freeBytes - bytes; left > 0; left = this.freeBytes - bytes) {
        await file.write(CHUNK, 0, Math.min(left, CHUNK.length));
      }
    } finally {
      await file.close();
    }
  }

  /** Removes the other file. */
  makeRoom(): void {
    rmSync(this.#ballast);
  }

  unmount(): void {
    spawnSync("umount", [this.path]);
    rmdirSync(this.path);
  }
}

/** Why there can be no such disk here; undefined if there can. */
export function whyNoSmallDisk(): string | undefined {
  try {
    new SmallDisk(1).unmount();
    return undefined;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}
