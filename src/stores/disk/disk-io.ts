import { dirname, join, resolve } from "node:path";
import { type Disk, type DiskFile, errorCode } from "./disk.ts";

/** Writes all of `bytes`, with as many writes as the system needs. */
export function writeAll(
  file: DiskFile,
  bytes: Uint8Array,
  position: number,
  done: (error: Error | undefined) => void,
): void {
  file.write(bytes, position, (error, written) => {
    if (error !== undefined) done(error);
    else if (written >= bytes.length) done(undefined);
    else if (written <= 0) done(new Error(`Cannot write ${file.path}: the system wrote nothing`));
    else writeAll(file, bytes.subarray(written), position + written, done);
  });
}

/** {@link writeAll} as a promise, for writes that no batch waits for. */
export function writeFully(file: DiskFile, bytes: Uint8Array, position: number): Promise<void> {
  return new Promise((resolve, reject) => {
    writeAll(file, bytes, position, (error) => {
      if (error === undefined) resolve();
      else reject(error);
    });
  });
}

/** Fills `into` from `position` on. @returns bytes read, fewer only where the file ends */
export async function readFully(
  file: DiskFile,
  into: Uint8Array,
  position: number,
): Promise<number> {
  let got = 0;
  while (got < into.length) {
    const count = await file.read(into.subarray(got), position + got);
    if (count === 0) break;
    got += count;
  }
  return got;
}

/** Reads a small file as a whole. @returns undefined when there is no such file */
export async function readWhole(disk: Disk, path: string): Promise<Buffer | undefined> {
  const file = await openIfThere(disk, path);
  if (file === undefined) return undefined;
  try {
    const bytes = Buffer.alloc(await file.size());
    return bytes.subarray(0, await readFully(file, bytes, 0));
  } finally {
    await file.close();
  }
}

/** Opens a file for reading. @returns undefined when there is no such file */
export async function openIfThere(disk: Disk, path: string): Promise<DiskFile | undefined> {
  try {
    return await disk.open(path, { mode: "read" });
  } catch (error) {
    if (errorCode(error) === "ENOENT") return undefined;
    throw error;
  }
}

/**
 * Makes the name of an existing directory durable, and the names of all above it: a process that was killed
 * may have made them and not synced them.
 */
export async function syncNames(disk: Disk, dir: string): Promise<void> {
  for (let at = resolve(dir); at !== dirname(at); at = dirname(at)) {
    try {
      await disk.syncDir(dirname(at));
    } catch (error) {
      if (!isBeyondUs(error)) throw error;
    }
  }
}

/**
 * Skip directories that we cannot open: we created nothing in them. Some file systems sync no directories,
 * and the directories above ours may lie on another file system.
 */
function isBeyondUs(error: unknown): boolean {
  return BEYOND_US.has(errorCode(error));
}

const BEYOND_US: ReadonlySet<string | undefined> = new Set([
  "EACCES",
  "EPERM",
  "EINVAL",
  "ENOTSUP",
  "EOPNOTSUPP",
]);

/** Ends the name of a file until the file is whole; leftovers of a crash end in this. */
export const TEMP_SUFFIX = ".tmp";

/**
 * Makes or replaces `dir/name` so that a crash leaves the old file or the new one, whole: written
 * under a temporary name, synced, renamed, and the name synced.
 *
 * @param fill writes the contents; its result is returned
 */
export async function replaceFile<T>(
  disk: Disk,
  dir: string,
  name: string,
  fill: (file: DiskFile) => Promise<T>,
): Promise<T> {
  const temp = join(dir, name + TEMP_SUFFIX);
  const file = await disk.open(temp, { mode: "create" });
  let result: T;
  try {
    try {
      result = await fill(file);
      await file.sync();
    } finally {
      await file.close();
    }
  } catch (error) {
    // Remove what was written: it takes room, and most likely room is what was missing.
    await disk.remove(temp).catch(() => undefined);
    throw error;
  }
  await disk.rename(temp, join(dir, name));
  await disk.syncDir(dir);
  return result;
}

/** {@link replaceFile} with all bytes given. */
export async function replaceBytes(
  disk: Disk,
  dir: string,
  name: string,
  bytes: Uint8Array,
): Promise<void> {
  await replaceFile(disk, dir, name, (file) => writeFully(file, bytes, 0));
}
