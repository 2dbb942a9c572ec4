import { readFileSync } from "node:fs";

/** scripts/build-stamp.mjs writes this file beside the compiled program and beside the bundle. */
const STAMP = new URL("../build.json", import.meta.url);

/** When this program was built; undefined when it was compiled without a stamp. */
export function builtAt(file: URL = STAMP): Date | undefined {
  let stamp: unknown;
  try {
    stamp = JSON.parse(readFileSync(file, "utf8"));
  } catch {
    return undefined;
  }
  if (typeof stamp !== "object" || stamp === null || !("builtAt" in stamp)) return undefined;
  const date = new Date(String(stamp.builtAt));
  return Number.isNaN(date.getTime()) ? undefined : date;
}
