import type { Socket } from "node:net";
import { setImmediate } from "node:timers/promises";

/** Lets the event loop turn until a condition is true. */
export async function until(isSo: () => boolean): Promise<void> {
  while (!isSo()) await setImmediate();
}

/**
 * Lets the event loop turn, so that something that must not happen would have the time to happen.
 */
export async function turns(count: number): Promise<void> {
  for (let turn = 0; turn < count; turn++) await setImmediate();
}

/** Writes until the other side takes no more. @returns the bytes that were written at least */
export async function writeUntilStuck(
  socket: Socket,
  bytes: Uint8Array,
  bytesMax: number,
): Promise<number> {
  for (let taken = 0; taken < bytesMax; taken += bytes.length) {
    const write = new Promise<boolean>((resolve) => socket.write(bytes, () => resolve(true)));
    const stuck = turns(1000).then(() => false);
    if (!(await Promise.race([write, stuck]))) return taken;
  }
  return bytesMax;
}
