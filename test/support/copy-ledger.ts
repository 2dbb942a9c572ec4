import { copyFileSync, mkdirSync, readdirSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { TEMP_SUFFIX } from "../../src/stores/disk/disk-io.ts";
import { LOCK_FILE } from "../../src/stores/ledger/layout.ts";

/**
 * Copies the files of a ledger, also of one that is open. Two kinds are left out: the lock, which is
 * a socket, and files that are not complete yet: an open ledger renames them between two looks.
 */
export function copyLedger(from: string, to: string): void {
  for (const entry of readdirSync(from, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile() || entry.name === LOCK_FILE || entry.name.endsWith(TEMP_SUFFIX)) continue;
    const source = join(entry.parentPath, entry.name);
    const copy = join(to, relative(from, source));
    mkdirSync(dirname(copy), { recursive: true });
    copyFileSync(source, copy);
  }
}
