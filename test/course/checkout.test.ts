import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { describe, it } from "node:test";
import { root } from "../support/paths.ts";
import { tempDir } from "../support/temp-dir.ts";

// A package or an archive of the sources has no repository.
const missing = !existsSync(join(root, ".git")) || spawnSync("git", ["--version"]).status !== 0;

describe("a clone with core.autocrlf", { skip: missing && "no git repository" }, () => {
  for (const setting of ["true", "input", "false"]) {
    it(`set to ${setting} has every file exactly as it was committed`, async (t) => {
      const dir = join(await tempDir(t), "clone");
      const convert = ["-c", `core.autocrlf=${setting}`];
      git(root, ...convert, "clone", "--quiet", "--no-hardlinks", root, dir);
      const committed = git(dir, "ls-tree", "-r", "HEAD")
        .trimEnd()
        .split("\n")
        .map((row) => row.replace(/^\S+ \S+ (\S+)\t.*$/, "$1"));
      const paths = git(dir, "ls-tree", "-r", "-z", "--name-only", "HEAD").split("\0").slice(0, -1);
      assert.ok(paths.length > 100);
      const input = paths.map((path) => `${path}\n`).join("");
      const run = spawnSync("git", ["hash-object", "--no-filters", "--stdin-paths"], {
        cwd: dir,
        input,
        encoding: "utf8",
      });
      assert.equal(run.status, 0, run.stderr);
      const checkedOut = run.stdout.trimEnd().split("\n");
      assert.deepEqual(
        paths.filter((_, index) => checkedOut[index] !== committed[index]),
        [],
      );
    });
  }

  it("commits no line end that the scripts cannot read", () => {
    const scripts = git(root, "ls-files", "--eol", "*.sh", ".ci/run", "Makefile");
    for (const row of scripts.trimEnd().split("\n")) assert.match(row, /^i\/lf /);
  });
});

function git(cwd: string, ...args: string[]): string {
  const run = spawnSync("git", args, { cwd, encoding: "utf8", maxBuffer: 64 * 1024 * 1024 });
  assert.equal(run.status, 0, run.stderr);
  return run.stdout;
}
