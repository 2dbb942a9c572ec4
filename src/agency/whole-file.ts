import { createWriteStream } from "node:fs";
import { open, realpath, rename, rm } from "node:fs/promises";
import { dirname } from "node:path";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";

/**
 * Writes a file that appears whole or not at all, and is on stable storage when this resolves. A file
 * that was there is replaced; where the path is a link, what it leads to.
 *
 * @throws the system's error; the signal's when it aborts before the file is there
 */
export async function writeWhole(
  path: string,
  pieces: Iterable<string | Uint8Array> | AsyncIterable<string | Uint8Array>,
  signal?: AbortSignal,
): Promise<void> {
  const target = await targetOf(path);
  const temp = temporaryName(target);
  try {
    const file = createWriteStream(temp, { flush: true });
    // Undefined is no signal to a pipeline.
    await pipeline(Readable.from(pieces), file, signal === undefined ? {} : { signal });
    await rename(temp, target);
  } catch (error) {
    await rm(temp, { force: true });
    throw error;
  }
  await syncFolder(dirname(target));
}

/**
 * Asks whether {@link writeWhole} would find a folder in which it may write, by writing.
 *
 * @throws the system's error
 */
export async function tryWriteWhole(path: string): Promise<void> {
  const temp = temporaryName(await targetOf(path));
  try {
    await (await open(temp, "w")).close();
  } finally {
    await rm(temp, { force: true });
  }
}

function targetOf(path: string): Promise<string> {
  return realpath(path).catch(() => path);
}

function temporaryName(path: string): string {
  return `${path}.${process.pid}.tmp`;
}

/**
 * A new name lasts when its folder is on stable storage too. Where folders cannot be synced (a host's folder
 * that a machine shares), or not by us, the file is there and whole all the same.
 */
async function syncFolder(path: string): Promise<void> {
  try {
    const folder = await open(path);
    try {
      await folder.sync();
    } finally {
      await folder.close();
    }
  } catch (error) {
    if (!(error instanceof Error && "code" in error && NOT_SYNCED.has(error.code))) throw error;
  }
}

const NOT_SYNCED: ReadonlySet<unknown> = new Set([
  "EACCES",
  "EPERM",
  "EINVAL",
  "ENOSYS",
  "ENOTSUP",
  "EOPNOTSUPP",
]);
