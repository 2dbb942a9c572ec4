import assert from "node:assert/strict";
import { readdirSync } from "node:fs";
import { mkdir, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, it } from "node:test";
import { root } from "../support/paths.ts";
import { tempDir } from "../support/temp-dir.ts";
import { readGuide } from "./guide.ts";
import { runProgram } from "./run-program.ts";

describe("guides", () => {
  for (const name of ["first-dialect", "first-store"]) {
    it(`${name}.md has code that compiles with the package, and prints what the guide shows`, async (t) => {
      const cwd = await tempDir(t);
      await mkdir(join(cwd, "node_modules"));
      await symlink(root, join(cwd, "node_modules", "quiniela"));
      await symlink(join(root, "node_modules", "@types"), join(cwd, "node_modules", "@types"));
      await writeFile(join(cwd, "package.json"), '{ "type": "module" }');

      const { files, runs } = readGuide(name);
      for (const [file, text] of files) await writeFile(join(cwd, file), text);
      const tsc = join(root, "node_modules", "typescript", "bin", "tsc");
      const compiled = await runProgram(tsc, { cwd });
      assert.deepEqual(compiled, { status: 0, stdout: "", stderr: "" });

      assert.notEqual(runs.length, 0);
      for (const { file, args, printed } of runs) {
        const run = await runProgram(join(cwd, file), { args, cwd });
        assert.deepEqual(run, { status: 0, stdout: printed, stderr: "" });
      }
    });
  }

  it("all have a test here", () => {
    const guides = readdirSync(join(root, "docs", "guides"));
    assert.deepEqual(guides.toSorted(), ["first-dialect.md", "first-store.md"]);
  });
});
