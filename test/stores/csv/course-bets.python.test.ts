import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, it } from "node:test";
import * as fc from "fast-check";
import { hasWon, loadBets, storeBets } from "../../../src/stores/csv/course-bets.ts";
import type { Bet } from "../../../src/lottery/bet.ts";
import { anyAgency, goodBet } from "../../lottery/arbitrary-bets.ts";
import { root } from "../../support/paths.ts";

const script = join(root, "test", "stores", "csv", "course_bets.py");
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
  it("write the same bytes for the same bets, and read each other's file", async () => {
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

  const row = "1,Ana,Paz,1,2000-01-01,7\r\n";
  const limits: readonly [what: string, file: string | Buffer, python: boolean, ours: boolean][] = [
    ["a row", row, true, true],
    ["quotes that are not needed", '"1","Ana","Paz","1","2000-01-01","7"\n', true, true],
    ["a birthdate in the future", row.replace("2000", "2999"), true, true],
    ["an empty line", `${row}\r\n${row}`, false, true],
    ["a last row without its end", row.trimEnd(), true, false],
    ["CR alone as a line end", row.replace("\n", "").repeat(2), true, false],
    ["seven fields", row.replace("7", "7,x"), true, false],
    ["a quote within a field", row.replace("Ana", 'A"na'), true, false],
    ["text behind a closing quote", row.replace("Ana", '"A"na'), true, false],
    ["a number with a sign", row.replace("7", "+7"), true, false],
    ["a number with spaces", row.replace("7", " 7 "), true, false],
    ["a number with an underscore", row.replace("7", "7_5"), true, false],
    ["a number with zeros in front", row.replace("7", "007"), true, false],
    ["a number in another script", row.replace("7", "٧"), true, false],
    ["a number past 9999", row.replace("7", "10000"), true, false],
    ["agency 0", row.replace("1", "0"), true, false],
    ["a document that is no number", row.replace("Paz,1", "Paz,x"), true, false],
    ["an empty name", row.replace("Ana", ""), true, false],
    ["a long name", row.replace("Ana", "A".repeat(256)), true, false],
    ["a name with a tab", row.replace("Ana", "A\tna"), true, false],
    ["a name of two lines", row.replace("Ana", '"A\r\nna"'), true, false],
    ["five fields", row.replace(",7", ""), false, false],
    ["a byte order mark", `\ufeff${row}`, false, false],
    ["CR CR LF", row.replace("\r", "\r\r"), false, false],
    ["bytes of Latin-1", Buffer.from(row.replace("Ana", "Añá"), "latin1"), false, false],
  ];
  for (const [what, file, theirs, ours] of limits) {
    it(`${theirs ? "accept" : "refuse"} ${what} in Python, and ${ours ? "accept" : "refuse"} it here`, async (t) => {
      const dir = mkdtempSync(join(tmpdir(), "quiniela-python-"));
      t.after(() => rmSync(dir, { recursive: true }));
      const path = join(dir, "bets.csv");
      writeFileSync(path, file);
      assert.equal(spawnSync("python3", [script, "load", path]).status === 0, theirs);
      const loaded = await loadAll(path).then(
        () => true,
        () => false,
      );
      assert.equal(loaded, ours);
    });
  }
});
