import assert from "node:assert/strict";
import { chmod, chown, readdir, readFile, stat, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, it } from "node:test";
import { createFile, replaceFile } from "../src/durable-file.ts";
import { tempDir } from "./support/temp-dir.ts";

const modeOf = async (path: string): Promise<number> => (await stat(path)).mode & 0o7777;

describe("createFile", () => {
  it("makes a file with its permissions, and leaves nothing else", async (t) => {
    const dir = await tempDir(t);
    await createFile(join(dir, "key"), "secret", 0o600);
    assert.equal(await readFile(join(dir, "key"), "utf8"), "secret");
    assert.equal(await modeOf(join(dir, "key")), 0o600);
    assert.deepEqual(await readdir(dir), ["key"]);
  });

  it("replaces nothing, not even a broken link, and leaves nothing else", async (t) => {
    const dir = await tempDir(t);
    await writeFile(join(dir, "key"), "old");
    await symlink("nowhere", join(dir, "link"));
    await assert.rejects(createFile(join(dir, "key"), "new", 0o600), { code: "EEXIST" });
    await assert.rejects(createFile(join(dir, "link"), "new", 0o600), { code: "EEXIST" });
    assert.equal(await readFile(join(dir, "key"), "utf8"), "old");
    assert.deepEqual((await readdir(dir)).toSorted(), ["key", "link"]);
  });
});

describe("replaceFile", () => {
  it("keeps permissions, replaces the target of a link, and leaves nothing else", async (t) => {
    const dir = await tempDir(t);
    await writeFile(join(dir, "file"), "old");
    await chmod(join(dir, "file"), 0o664);
    await symlink("file", join(dir, "link"));
    await replaceFile(join(dir, "link"), "new");
    assert.equal(await readFile(join(dir, "file"), "utf8"), "new");
    assert.equal(await modeOf(join(dir, "file")), 0o664);
    assert.deepEqual((await readdir(dir)).toSorted(), ["file", "link"]);
  });

  it("gives readers the whole old file or the whole new one", async (t) => {
    const path = join(await tempDir(t), "file");
    const texts = ["a", "b"].map((letter) => letter.repeat(100_000));
    await writeFile(path, texts[0] ?? "");
    const done = new AbortController();
    const seen = new Set<string>();
    const reader = (async () => {
      while (!done.signal.aborted) seen.add(await readFile(path, "utf8"));
    })();
    for (let round = 1; round <= 30; round++) await replaceFile(path, texts[round % 2] ?? "");
    done.abort();
    await reader;
    for (const text of seen) assert.ok(texts.includes(text), `${text.length} characters`);
  });

  it("makes no file that was not there", async (t) => {
    const dir = await tempDir(t);
    await assert.rejects(replaceFile(join(dir, "file"), "new"), { code: "ENOENT" });
    assert.deepEqual(await readdir(dir), []);
  });

  it("keeps the owner", {
    skip: process.getuid?.() === 0 ? false : "only root can give files away",
  }, async (t) => {
    const path = join(await tempDir(t), "file");
    await writeFile(path, "old");
    await chown(path, 12_345, 54_321);
    await replaceFile(path, "new");
    const { uid, gid } = await stat(path);
    assert.deepEqual([uid, gid], [12_345, 54_321]);
  });
});
