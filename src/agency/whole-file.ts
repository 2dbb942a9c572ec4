import { createWriteStream } from "node:fs";
import { open, realpath, rename, rm } from "node:fs/promises";
import { dirname } from "node:path";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { syncFolder } from "../durable-file.ts";

/**
 * Writes a file that appears whole or not at all, and is on stable storage when this resolves. An existing
 * file is replaced; if the path is a link, the link's target is replaced.
 *
 * @throws the system's error; the signal's reason when it aborts before the file is there
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
    // A pipeline does not accept undefined as its signal.
    await pipeline(Readable.from(pieces), file, signal === undefined ? {} : { signal });
    await rename(temp, target);
  } catch (error) {
    await rm(temp, { force: true });
    throw error;
  }
  await syncFolder(dirname(target));
}

/**
 * Checks that {@link writeWhole} could write into the folder, by writing and removing a file.
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

/** The file itself, when the path is a link to it; a path to nothing as it is. */
export function targetOf(path: string): Promise<string> {
  return realpath(path).catch(() => path);
}

function temporaryName(path: string): string {
  return `${path}.${process.pid}.tmp`;
}
