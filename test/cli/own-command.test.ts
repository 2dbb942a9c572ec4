import assert from "node:assert/strict";
import { mkdir, symlink, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { describe, it, type TestContext } from "node:test";
import { ownCommand, shellQuoted } from "../../src/cli/own-command.ts";
import { tempDir } from "../support/temp-dir.ts";

/** A folder with the program, and links to it, or to another of that name, where they are asked for. */
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

describe("how the program is called again", () => {
  it("is by its name where the PATH leads to it", async (t) => {
    const { dir, main } = await place(t, { "bin/quiniela": "main" });
    const env = { PATH: `/nowhere::${join(dir, "bin")}` };
    assert.equal(ownCommand({ env, cwd: dir, main }), "quiniela");
  });

  it("is not by its name where the PATH leads to another of that name first", async (t) => {
    const { dir, main } = await place(t, { "a/quiniela": "other", "b/quiniela": "main" });
    const env = { PATH: `${join(dir, "a")}:${join(dir, "b")}` };
    assert.equal(ownCommand({ env, cwd: dir, main }), `node ${main}`);
  });

  it("is not by its name where npm has put it into the PATH", async (t) => {
    const { dir, main } = await place(t, { "cache/quiniela": "main" });
    const env = { PATH: join(dir, "cache"), npm_command: "exec" };
    assert.equal(ownCommand({ env, cwd: dir, main }), `node ${main}`);
  });

  it("is with npx in a folder that has it installed", async (t) => {
    const { dir, main } = await place(t, { [INSTALLED]: "main" });
    const env = { PATH: join(dir, "node_modules/.bin"), npm_command: "exec" };
    assert.equal(ownCommand({ env, cwd: dir, main }), "npx quiniela");
    assert.equal(ownCommand({ env: {}, cwd: dirname(dir), main }), `node ${main}`);
  });

  it("is not with npx in a folder that has another of that name installed", async (t) => {
    const { dir, main } = await place(t, { [INSTALLED]: "other" });
    assert.equal(ownCommand({ env: {}, cwd: dir, main }), `node ${main}`);
  });

  it("is with the main file in quotes where its path needs them", () => {
    const main = "/it's a folder/main.js";
    assert.equal(ownCommand({ env: {}, cwd: "/", main }), `node '/it'\\''s a folder/main.js'`);
    assert.equal(shellQuoted("/plain/pa-th_1.js"), "/plain/pa-th_1.js");
    assert.equal(shellQuoted(""), "''");
  });
});
