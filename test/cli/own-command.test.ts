import assert from "node:assert/strict";
import { mkdir, symlink, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { describe, it, type TestContext } from "node:test";
import { ownCommand, shellQuoted } from "../../src/cli/own-command.ts";
import { tempDir } from "../support/temp-dir.ts";

/**
 * A folder with the program, and the links that are asked for, to it or to another program of that
 * name.
 */
async function place(t: TestContext, links: Readonly<Record<string, "main" | "other">>) {
  const dir = await tempDir(t);
  for (const name of ["main", "other"]) await writeFile(join(dir, `${name}.js`), "");
  for (const [link, target] of Object.entries(links)) {
    await mkdir(dirname(join(dir, link)), { recursive: true });
    await symlink(join(dir, `${target}.js`), join(dir, link));
  }
  return { dir, main: join(dir, "main.js") };
}

const INSTALLED = "node_modules/.bin/quiniela";

describe("the command that starts the program again", () => {
  it("is its name if the PATH leads to it", async (t) => {
    const { dir, main } = await place(t, { "bin/quiniela": "main" });
    const env = { PATH: `/nowhere::${join(dir, "bin")}` };
    assert.equal(ownCommand({ env, cwd: dir, main }), "quiniela");
  });

  it("is not its name if the PATH leads first to another program of that name", async (t) => {
    const { dir, main } = await place(t, { "a/quiniela": "other", "b/quiniela": "main" });
    const env = { PATH: `${join(dir, "a")}:${join(dir, "b")}` };
    assert.equal(ownCommand({ env, cwd: dir, main }), `node ${main}`);
  });

  it("is not its name if npm has put it into the PATH", async (t) => {
    const { dir, main } = await place(t, { "cache/quiniela": "main" });
    const env = { PATH: join(dir, "cache"), npm_command: "exec" };
    assert.equal(ownCommand({ env, cwd: dir, main }), `node ${main}`);
  });

  it("has npx in a folder in which it is installed", async (t) => {
    const { dir, main } = await place(t, { [INSTALLED]: "main" });
    const env = { PATH: join(dir, "node_modules/.bin"), npm_command: "exec" };
    assert.equal(ownCommand({ env, cwd: dir, main }), "npx quiniela");
    assert.equal(ownCommand({ env: {}, cwd: dirname(dir), main }), `node ${main}`);
  });

  it("has no npx in a folder in which another program of that name is installed", async (t) => {
    const { dir, main } = await place(t, { [INSTALLED]: "other" });
    assert.equal(ownCommand({ env: {}, cwd: dir, main }), `node ${main}`);
  });

  it("is the main file, in quotes if its path needs them", () => {
    const main = "/it's a folder/main.js";
    assert.equal(ownCommand({ env: {}, cwd: "/", main }), `node '/it'\\''s a folder/main.js'`);
    assert.equal(shellQuoted("/plain/pa-th_1.js"), "/plain/pa-th_1.js");
    assert.equal(shellQuoted(""), "''");
  });
});
