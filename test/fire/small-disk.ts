import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, rmdirSync, statfsSync } from "node:fs";
import { open } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

const CHUNK = Buffer.alloc(1024 * 1024, 1);

/** A file system of its own, in memory and small, with a file of somebody else's that takes room. */
export class SmallDisk {
  readonly path: string;
  readonly #ballast: string;

  /** @throws Error where this user may not mount */
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

  /** Somebody else's file takes all room but this. */
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

  /** That file is gone. */
  makeRoom(): void {
    rmSync(this.#ballast);
  }

  unmount(): void {
    spawnSync("umount", [this.path]);
    rmdirSync(this.path);
  }
}

/** Why no such disk can be had here; undefined where it can. */
export function whyNoSmallDisk(): string | undefined {
  try {
    new SmallDisk(1).unmount();
    return undefined;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}
