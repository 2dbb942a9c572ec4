import { constants, openSync, statSync } from "node:fs";
import { Socket } from "node:net";
import { buffer } from "node:stream/consumers";

/**
 * Reads a configuration file that is a pipe (`--config <(generate)`). Its writer may be slow, and the process
 * must react to signals meanwhile: so it must not wait in a synchronous read.
 *
 * @returns undefined when there is no such file or it is not a pipe: the loader reads that itself
 */
export async function readPipe(path: string): Promise<Uint8Array | undefined> {
  if (statSync(path, { throwIfNoEntry: false })?.isFIFO() !== true) return undefined;
  const fd = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
  return buffer(new Socket({ fd, readable: true, writable: false }));
}
