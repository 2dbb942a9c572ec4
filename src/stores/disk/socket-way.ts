import { type FileHandle, open } from "node:fs/promises";
import { relative, resolve } from "node:path";

/** `sun_path` has 108 bytes on Linux, 104 elsewhere, and ends in a zero. */
const SOCKET_PATH_BYTES_MAX = 103;

export interface Way {
  readonly path: string;
  close(): Promise<void>;
}

/** A path to a socket that is short enough for the system, also when the directory's path is too long. */
export async function wayTo(dir: string, name: string): Promise<Way> {
  const absolute = resolve(dir, name);
  for (const path of [absolute, relative(process.cwd(), absolute)]) {
    if (Buffer.byteLength(path) <= SOCKET_PATH_BYTES_MAX) {
      return { path, close: () => Promise.resolve() };
    }
  }
  if (process.platform !== "linux") {
    throw new Error(`the path is longer than ${SOCKET_PATH_BYTES_MAX} bytes`);
  }
  const handle: FileHandle = await open(dir, "r");
  return { path: `/proc/self/fd/${handle.fd}/${name}`, close: () => handle.close() };
}
