import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { TestContext } from "node:test";
import { gunzipSync } from "node:zlib";
import { root } from "./paths.ts";
import { tempDir } from "./temp-dir.ts";

/** Draws as the version before acts left them on the disk. */
const LEDGERS = join(root, "test", "golden", "ledger-v1");

/** The names of a draw's files. */
export function firstLedgerFiles(name: string): string[] {
  return readdirSync(join(LEDGERS, name)).map((packed) => packed.replace(/\.gz$/, ""));
}

/** A file of a draw, as it was left. */
export function firstLedgerFile(name: string, file: string): Buffer {
  return gunzipSync(readFileSync(join(LEDGERS, name, `${file}.gz`)));
}

/** Unpacks a ledger into a folder of the test. @returns the data folder */
export async function unpackFirstLedger(t: TestContext, name: string): Promise<string> {
  const dir = await tempDir(t);
  mkdirSync(join(dir, "1"));
  for (const file of firstLedgerFiles(name)) {
    writeFileSync(join(dir, "1", file), firstLedgerFile(name, file));
  }
  return dir;
}
