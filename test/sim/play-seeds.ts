import assert from "node:assert/strict";
import { seed } from "../support/seed.ts";
import { report } from "./report.ts";
import { simulate, type WorldKind } from "./simulate.ts";

/** The same draws every time by default; `QUINIELA_SEED=n` runs those from n on. */
export const FIRST_SEED: number = process.env["QUINIELA_SEED"] === undefined ? 1 : seed;

/** Runs consecutive seeds. @throws AssertionError at the first one with a violation */
export async function playSeeds(
  first: number,
  count: number,
  kind: WorldKind = "one",
): Promise<void> {
  for (let seed = first; seed < first + count; seed++) {
    const run = await simulate(seed, kind);
    assert.ok(run.violations.length === 0, report(run));
  }
}
