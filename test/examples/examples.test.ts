import assert from "node:assert/strict";
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { describe, it } from "node:test";
import { root } from "../support/paths.ts";
import { tempDir } from "../support/temp-dir.ts";
import { runProgram } from "./run-program.ts";

/** What each example prints. */
const PRINTED: Readonly<Record<string, string>> = {
  "embed.ts": `drawn: 3 bets, 1 winners
agency 1: 2 bets stored, winners: 30100200
agency 2: 1 bets stored, winners: none
draw 1 is drawn: its files agree
`,
  "memory-store.ts": `batch 1 of agency 1: 2 bets
batch 2 of agency 1: 1 bets
draw spring is drawn
agency 1: success, winners: 28400500
`,
  "toy-dialect.ts": `→ TOY 1
← HELLO
→ BET Ana;Luna;30100200;1985-02-17;7574
← STORED
→ BET Juan;Sosa;1;1-1-1;1
← REFUSED
→ DONE
← NOTED
→ WINNERS
← WINNERS 30100200

→ TOY 2
← HELLO
→ BET Eva;Paz;33700800;1990-11-02;4321
← STORED
→ DONE
← NOTED
→ WINNERS
← WINNERS

`,
};

describe("examples", () => {
  for (const [name, printed] of Object.entries(PRINTED)) {
    it(`${name} runs as a program, prints the right text, and leaves nothing behind`, async (t) => {
      const dir = await tempDir(t);
      const program = join(root, "dist", "examples", name.replace(/\.ts$/, ".js"));
      const run = await runProgram(program, { cwd: dir, env: { TMPDIR: dir } });
      assert.deepEqual(run, { status: 0, stdout: printed, stderr: "" });
      assert.deepEqual(readdirSync(dir), []);
    });
  }

  it("all have a test here, if they are programs", () => {
    const names = readdirSync(join(root, "examples")).filter((name) => name.endsWith(".ts"));
    assert.deepEqual(names.toSorted(), Object.keys(PRINTED));
  });
});
