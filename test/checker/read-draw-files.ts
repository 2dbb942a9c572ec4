import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

/** The files of a draw's directory, by name. The lock is a socket and does not count. */
export function readDrawFiles(dir: string): Map<string, Uint8Array> {
  const files = new Map<string, Uint8Array>();
  for (const entry of readdirSync(dir, { withFileTypes: true })) {
    if (entry.isFile()) files.set(entry.name, readFileSync(join(dir, entry.name)));
  }
  return files;
}
