import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdir, readdir, stat, utimes, writeFile } from "node:fs/promises";
import { connect, createServer } from "node:net";
import { join } from "node:path";
import { describe, it } from "node:test";
import { lockDirectory } from "../../src/store/directory-lock.ts";
import { tempDir } from "../support/temp-dir.ts";

const NAME = "test.lock";
const locked = { name: "StoreError", code: "STORE_LOCKED" };

describe("the directory lock", () => {
  it("keeps a second owner out, naming the directory, until it is released", async (t) => {
    const dir = await tempDir(t);
    const first = await lockDirectory(dir, NAME);
    await assert.rejects(lockDirectory(dir, NAME), { ...locked, message: new RegExp(dir) });
    await first.release();
    const second = await lockDirectory(dir, NAME);
    await second.release();
  });

  it("leaves nothing behind, and may be released twice", async (t) => {
    const dir = await tempDir(t);
    const lock = await lockDirectory(dir, NAME);
    assert.deepEqual(await readdir(dir), [NAME]);
    await Promise.all([lock.release(), lock.release()]);
    assert.deepEqual(await readdir(dir), []);
  });

  it("is taken over from a process that was killed", async (t) => {
    const dir = await tempDir(t);
    const path = join(dir, NAME);
    const program = `require("net").createServer().listen(${JSON.stringify(path)}, () => console.log("up"))`;
    const child = spawn(process.execPath, ["-e", program], {
      stdio: ["ignore", "pipe", "inherit"],
    });
    await once(child.stdout, "data");
    await assert.rejects(lockDirectory(dir, NAME), locked);
    child.kill("SIGKILL");
    await once(child, "exit");
    assert.ok((await stat(path)).isSocket(), "its socket is still there");
    const lock = await lockDirectory(dir, NAME);
    await lock.release();
  });

  it("is won by one of many who try at once", async (t) => {
    const dir = await tempDir(t);
    const tries = await Promise.allSettled(
      Array.from({ length: 8 }, () => lockDirectory(dir, NAME)),
    );
    const won = tries.filter((result) => result.status === "fulfilled");
    assert.equal(won.length, 1);
    for (const result of tries) {
      if (result.status === "rejected") assert.equal(result.reason.code, "STORE_LOCKED");
    }
    await won[0]?.value.release();
  });

  it("works in a directory whose path is longer than a socket's may be", async (t) => {
    const dir = join(await tempDir(t), "d".repeat(120), "e".repeat(120));
    await mkdir(dir, { recursive: true });
    const lock = await lockDirectory(dir, NAME);
    assert.deepEqual(await readdir(dir), [NAME]);
    await assert.rejects(lockDirectory(dir, NAME), locked);
    await lock.release();
    assert.deepEqual(await readdir(dir), []);
    const other = join(dir, "..", "f".repeat(120));
    await mkdir(other);
    const second = await lockDirectory(other, NAME);
    await second.release();
  });

  it("takes over a guard that a crash left, and waits for one that is in use", async (t) => {
    const dir = await tempDir(t);
    const guard = join(dir, `${NAME}.guard`);
    await writeFile(guard, "");
    const longAgo = new Date(Date.now() - 60_000);
    await utimes(guard, longAgo, longAgo);
    const lock = await lockDirectory(dir, NAME);
    await lock.release();

    await writeFile(guard, "");
    const waiting = lockDirectory(dir, NAME);
    const early = await Promise.race([
      waiting,
      new Promise((resolve) => setImmediate(resolve, "no")),
    ]);
    assert.equal(early, "no");
    await utimes(guard, longAgo, longAgo);
    await (await waiting).release();
  });

  it("answers whoever connects by hanging up, and keeps no process alive", async (t) => {
    const dir = await tempDir(t);
    const lock = await lockDirectory(dir, NAME);
    const socket = connect(join(dir, NAME));
    socket.resume();
    await once(socket, "end");
    socket.destroy();
    await lock.release();
  });

  it("says what is wrong where no socket can be made", async (t) => {
    const dir = await tempDir(t);
    await assert.rejects(lockDirectory(join(dir, "missing"), NAME), {
      code: "STORE_UNUSABLE",
      message: /Cannot lock .*missing: ENOENT/,
    });
  });

  it("respects a socket that somebody else listens on", async (t) => {
    const dir = await tempDir(t);
    const server = createServer().listen(join(dir, NAME));
    await once(server, "listening");
    await assert.rejects(lockDirectory(dir, NAME), locked);
    server.close();
    await once(server, "close");
  });
});
