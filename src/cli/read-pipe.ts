import { constants, openSync, statSync } from "node:fs";
import { Socket } from "node:net";
import { buffer } from "node:stream/consumers";

/**
 * Reads a configuration file that is a pipe (`--config <(generate)`): who writes it may take its time,
 * and the process must hear signals meanwhile, which it cannot while it waits for a file.
 *
 * @returns undefined when there is no such file or it is no pipe: that is read at once, by whoever wants it
 */
export async function readPipe(path: string): Promise<Uint8Array | undefined> {
  if (statSync(path, { throwIfNoEntry: false })?.isFIFO() !== true) return undefined;
  const fd = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
  return buffer(new Socket({ fd, readable: true, writable: false }));
}
