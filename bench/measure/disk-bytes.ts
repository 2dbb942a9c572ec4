import { readdirSync, statSync } from "node:fs";
import { join } from "node:path";

/** Bytes of a system's files, by their kind: `log`, `tables`. */
export type DiskBytes = Readonly<Record<string, number>>;

/** How much each kind has grown. */
export function growthOf(before: DiskBytes, after: DiskBytes): DiskBytes {
  return Object.fromEntries(
    Object.entries(after).map(([kind, bytes]) => [kind, bytes - (before[kind] ?? 0)]),
  );
}

export function totalOf(bytes: DiskBytes): number {
  return Object.values(bytes).reduce((sum, part) => sum + part, 0);
}

/** Bytes of all files with this ending in a folder and in the folders below it. */
export function filesBytes(dir: string, ending: string): number {
  return readdirSync(dir, { recursive: true, encoding: "utf8" })
    .filter((name) => name.endsWith(ending))
    .reduce((sum, name) => sum + statSync(join(dir, name)).size, 0);
}
