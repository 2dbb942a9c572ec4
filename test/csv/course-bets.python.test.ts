import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, it } from "node:test";
import * as fc from "fast-check";
import { hasWon, loadBets, storeBets } from "../../src/csv/course-bets.ts";
import type { Bet } from "../../src/lottery/bet.ts";
import { anyAgency, goodBet } from "../lottery/arbitrary-bets.ts";
import { root } from "../support/paths.ts";

const script = join(root, "test", "csv", "course_bets.py");
const missing = spawnSync("python3", ["--version"]).status !== 0;

function python(command: "store" | "load", path: string, input = ""): string {
  const run = spawnSync("python3", [script, command, path], { input, encoding: "utf8" });
  assert.equal(run.status, 0, run.stderr);
  return run.stdout;
}

async function loadAll(path: string): Promise<Bet[]> {
  const bets: Bet[] = [];
  for await (const bet of loadBets(path)) bets.push(bet);
  return bets;
}

describe("the course's Python and storeBets/loadBets", { skip: missing && "no python3" }, () => {
  it("write the same bytes for the same bets, and read what the other wrote", async () => {
    const bets = fc.array(anyAgency.chain(goodBet), { minLength: 1, maxLength: 200, size: "max" });
    await fc.assert(
      fc.asyncProperty(bets, async (bets) => {
        const dir = mkdtempSync(join(tmpdir(), "quiniela-python-"));
        try {
          const ours = join(dir, "ours.csv");
          const theirs = join(dir, "theirs.csv");
          await storeBets(bets, ours);
          python("store", theirs, JSON.stringify(bets));
          assert.deepEqual(readFileSync(ours), readFileSync(theirs));
          assert.deepEqual(await loadAll(theirs), bets);
          assert.deepEqual(
            JSON.parse(python("load", ours)),
            bets.map((bet) => ({ ...bet, won: hasWon(bet) })),
          );
        } finally {
          rmSync(dir, { recursive: true });
        }
      }),
      { numRuns: 4 },
    );
  });
});
