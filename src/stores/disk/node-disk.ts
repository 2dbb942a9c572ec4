import * as fs from "node:fs";
import { type FileHandle, mkdir, open, readdir, rename, rm } from "node:fs/promises";
import { dirname } from "node:path";
import { DirectFile } from "./direct-file.ts";
import type { Disk, DiskFile, OpenOptions } from "./disk.ts";
import { withAdvice } from "./file-system-advice.ts";

/** The real file system, through `node:fs`. */
export const nodeDisk: Disk = {
  async makeDir(dir) {
    const first = await mkdir(dir, { recursive: true });
    if (first === undefined) return;
    // A directory lasts only if its name does: sync every directory that got a new entry.
    for (let parent = dirname(dir); parent.length >= dirname(first).length; ) {
      await syncDir(parent);
      if (parent === dirname(parent)) break;
      parent = dirname(parent);
    }
  },
  list: (dir) => readdir(dir),
  async open(path, options) {
    const file = new NodeFile(path, await open(path, flags(options), 0o644));
    return options.overZeros === true ? DirectFile.over(file) : file;
  },
  rename,
  remove: (path) => rm(path, { force: true }),
  syncDir,
};

function flags({ mode, durable }: OpenOptions): number {
  const { O_RDONLY, O_RDWR, O_CREAT, O_TRUNC, O_DSYNC } = fs.constants;
  if (mode === "read") return O_RDONLY;
  return O_RDWR | (mode === "create" ? O_CREAT | O_TRUNC : 0) | (durable === true ? O_DSYNC : 0);
}

async function syncDir(dir: string): Promise<void> {
  const handle = await open(dir, fs.constants.O_RDONLY);
  try {
    await handle.sync();
  } catch (error) {
    throw withAdvice(error, "sync folders");
  } finally {
    await handle.close();
  }
}

class NodeFile implements DiskFile {
  readonly path: string;
  readonly #handle: FileHandle;
  /** Whether the file system counts the names of a file: some do not. */
  readonly #countsNames: boolean;

  constructor(path: string, handle: FileHandle) {
    this.path = path;
    this.#handle = handle;
    this.#countsNames = fs.fstatSync(handle.fd).nlink > 0;
  }

  isNamed(): boolean {
    return !this.#countsNames || fs.fstatSync(this.#handle.fd).nlink > 0;
  }

  async size(): Promise<number> {
    return (await this.#handle.stat()).size;
  }

  async read(into: Uint8Array, position: number): Promise<number> {
    return (await this.#handle.read(into, 0, into.length, position)).bytesRead;
  }

  write(
    bytes: Uint8Array,
    position: number,
    done: (error: Error | undefined, written: number) => void,
  ): void {
    // The callback API: the promise API costs 30 us more per write.
    fs.write(this.#handle.fd, bytes, 0, bytes.length, position, (error, written) => {
      done(error ?? undefined, written);
    });
  }

  sync(): Promise<void> {
    return this.#handle.datasync();
  }

  truncate(bytes: number): Promise<void> {
    return this.#handle.truncate(bytes);
  }

  close(): Promise<void> {
    return this.#handle.close();
  }
}
