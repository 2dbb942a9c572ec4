import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { AgencyData } from "./agency-data.ts";

/**
 * Checks that every agency's bets are stored as in its file: none is missing, doubled, or out of
 * order.
 *
 * @param dataDir the central's, after it has drawn and stopped
 * @param agencies the data of the first agency, the second …
 */
export function assertStored(dataDir: string, agencies: readonly AgencyData[]): void {
  const stored = readFileSync(join(dataDir, "1", "bets.csv"), "utf8").split("\r\n");
  assert.equal(stored.pop(), "");
  for (const [index, { content }] of agencies.entries()) {
    const own = `${index + 1},`;
    const rows = content.split(/\r?\n/).filter((row) => row !== "");
    assert.deepEqual(
      stored.filter((line) => line.startsWith(own)),
      rows.map((row) => `${own}${row}`),
    );
  }
  assert.equal(
    stored.length,
    agencies.reduce((sum, { bets }) => sum + bets, 0),
  );
}
