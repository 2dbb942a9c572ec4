import assert from "node:assert/strict";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, it } from "node:test";
import { runCli } from "../support/run-cli.ts";
import { tempDir } from "../support/temp-dir.ts";

describe("quiniela generate", () => {
  it("makes one file per agency, the same for the same seed", async (t) => {
    const [a, b, c] = [await tempDir(t), await tempDir(t), await tempDir(t)];
    const numbers = ["--agencies", "3", "--bets", "300"];
    for (const [dir, seed] of [
      [a, "7"],
      [b, "7"],
      [c, "8"],
    ] as const) {
      const { status, stderr } = await runCli([
        "generate",
        "--out",
        dir,
        "--seed",
        seed,
        ...numbers,
      ]);
      assert.equal(status, 0, stderr);
    }
    let rows = 0;
    for (const agency of [1, 2, 3]) {
      const name = `agency-${agency}.csv`;
      const text = await readFile(join(a, name), "utf8");
      assert.equal(text, await readFile(join(b, name), "utf8"));
      assert.notEqual(text, await readFile(join(c, name), "utf8"));
      rows += text.split("\r\n").length - 1;
    }
    assert.equal(rows, 300);
  });

  it("reports in JSON what it made", async (t) => {
    const dir = await tempDir(t);
    const run = await runCli([
      "generate",
      "--out",
      dir,
      "--agencies",
      "2",
      "--bets",
      "10",
      "--json",
    ]);
    const made = JSON.parse(run.stdout);
    assert.equal(made.dir, dir);
    assert.deepEqual(
      made.files.map(({ agency, path }: { agency: number; path: string }) => [agency, path]),
      [1, 2].map((agency) => [agency, join(dir, `agency-${agency}.csv`)]),
    );
  });

  it("names the folder that it cannot write to", async (t) => {
    const file = join(await tempDir(t), "file");
    await writeFile(file, "");
    const { status, stderr } = await runCli(["generate", "--out", file]);
    assert.equal(status, 1);
    assert.ok(stderr.includes(file), stderr);
    assert.doesNotMatch(stderr, /\n\s+at /, "no stack trace");
  });
});
