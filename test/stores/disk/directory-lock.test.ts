import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { utimesSync } from "node:fs";
import { mkdir, readdir, rename, rm, stat, utimes, writeFile } from "node:fs/promises";
import { connect, createServer } from "node:net";
import { join } from "node:path";
import { describe, it } from "node:test";
import type { Delay } from "../../../src/store/bet-store.ts";
import { lockDirectory } from "../../../src/stores/disk/directory-lock.ts";
import { FakeClock } from "../../support/fake-clock.ts";
import { tempDir } from "../../support/temp-dir.ts";

const NAME = "test.lock";
const locked = { name: "StoreError", code: "STORE_LOCKED" };

/** Lets the clock run until the work is done, so that no wait takes real time. */
async function whileTimePasses<T>(clock: FakeClock, work: Promise<T>, stepMs = 20): Promise<T> {
  const state = { over: false };
  const end = (): void => void (state.over = true);
  work.then(end, end);
  while (!state.over) {
    if (clock.timers > 0) clock.advance(stepMs);
    await new Promise(setImmediate);
  }
  return work;
}

describe("the directory lock", () => {
  it("refuses a second owner with the directory's name until it is released", async (t) => {
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

  it("is taken by one of many that try at the same time", async (t) => {
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

  it("takes over a guard that a crash left, and waits for a guard in use", async (t) => {
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

  it("closes every connection to it, and keeps no process alive", async (t) => {
    const dir = await tempDir(t);
    const lock = await lockDirectory(dir, NAME);
    const socket = connect(join(dir, NAME));
    socket.resume();
    await once(socket, "end");
    socket.destroy();
    await lock.release();
  });

  it("reports what is wrong if no socket can be made", async (t) => {
    const dir = await tempDir(t);
    await assert.rejects(lockDirectory(join(dir, "missing"), NAME), {
      code: "STORE_UNUSABLE",
      message: /Cannot lock .*missing: ENOENT/,
    });
  });

  it("does not take a socket on which another process listens", async (t) => {
    const dir = await tempDir(t);
    const server = createServer().listen(join(dir, NAME));
    await once(server, "listening");
    await assert.rejects(lockDirectory(dir, NAME), locked);
    server.close();
    await once(server, "close");
  });
});

describe("P5 a lock that was lost", () => {
  const lost = { name: "StoreError", code: "STORE_LOST_LOCK" };
  const ways: Readonly<Record<string, (dir: string, path: string) => Promise<unknown>>> = {
    "its file is removed": (_, path) => rm(path),
    "its file is replaced by a file": async (_, path) => {
      await rm(path);
      await writeFile(path, "");
    },
    "its file is replaced by another's lock": async (dir, path) => {
      await rm(path);
      await lockDirectory(dir, NAME);
    },
    "its directory is moved away": (dir) => rename(dir, `${dir}-moved`),
    "its directory is replaced by another": async (dir, path) => {
      await rename(dir, `${dir}-moved`);
      await mkdir(dir);
      await writeFile(path, "");
    },
  };
  for (const [how, lose] of Object.entries(ways)) {
    it(`is noticed by a check and by the watch when ${how}`, async (t) => {
      const dir = join(await tempDir(t), "data");
      await mkdir(dir);
      const clock = new FakeClock();
      const lock = await lockDirectory(dir, NAME, { clock });
      const told: Error[] = [];
      lock.whenLost((error) => told.push(error));
      lock.check();
      await lose(dir, join(dir, NAME));
      while (told.length === 0) {
        clock.advance(1000);
        await new Promise(setImmediate);
      }
      assert.throws(() => lock.check(), { ...lost, message: /start again/ });
      lock.whenLost((error) => told.push(error));
      assert.deepEqual(
        told.map((error) => (error as { code?: string }).code),
        [lost.code, lost.code],
      );
      await lock.release();
    });
  }

  it("does not remove the lock of its new owner", async (t) => {
    const dir = await tempDir(t);
    const first = await lockDirectory(dir, NAME);
    await rm(join(dir, NAME));
    const second = await lockDirectory(dir, NAME);
    await first.release();
    second.check();
    await assert.rejects(lockDirectory(dir, NAME), locked);
    await second.release();
    assert.deepEqual(await readdir(dir), []);
  });

  it("is not taken at once if only its file is missing, because its owner may still run", async (t) => {
    const dir = await tempDir(t);
    await writeFile(join(dir, "00000001.seg"), "");
    const clock = new FakeClock();
    const taking = lockDirectory(dir, NAME, { clock });
    while (clock.timers === 0) await new Promise(setImmediate);
    assert.ok(!(await readdir(dir)).includes(NAME));
    clock.advance(100);
    await (await taking).release();
  });
});

describe("a guard that is waited for", () => {
  it("counts as left by a crash when it stays the same, whatever its time is", async (t) => {
    for (const hours of [-1, 0, 1, 24 * 365 * 100]) {
      const dir = await tempDir(t);
      const guard = join(dir, `${NAME}.guard`);
      await writeFile(guard, "");
      const time = new Date(Date.now() + hours * 3_600_000);
      await utimes(guard, time, time);
      const clock = new FakeClock();
      const delays: Delay[] = [];
      // Afterwards the lock's own watch is also a timer, and makes this clock run on while files
      // are made.
      let overMs = 0;
      const onDelay = (delay: Delay): void => {
        delays.push(delay);
        overMs = clock.nowMs();
      };
      const lock = await whileTimePasses(clock, lockDirectory(dir, NAME, { clock, onDelay }));
      assert.deepEqual(
        delays.map(({ kind }) => kind),
        hours < 0 ? [] : ["waits", "over"],
      );
      if (hours >= 0) assert.match(delays[0]?.what ?? "", /test\.lock\.guard is there/);
      assert.ok(overMs < 10_000, "no longer than that");
      await lock.release();
    }
  });

  it("is waited for no longer than 30 s when other guards come and go", async (t) => {
    const dir = await tempDir(t);
    const guard = join(dir, `${NAME}.guard`);
    await writeFile(guard, "");
    let hours = 1;
    const clock = new (class extends FakeClock {
      /** Every check finds another guard. */
      override advance(ms: number): void {
        const time = new Date(Date.now() + ++hours * 3_600_000);
        utimesSync(guard, time, time);
        super.advance(ms);
      }
    })();
    const taking = whileTimePasses(clock, lockDirectory(dir, NAME, { clock }), 1000);
    await assert.rejects(taking, locked);
    assert.ok(clock.nowMs() >= 30_000);
  });

  it("is no longer waited for when the start is stopped", async (t) => {
    const dir = await tempDir(t);
    await writeFile(join(dir, `${NAME}.guard`), "");
    const clock = new FakeClock();
    const stop = new AbortController();
    const taking = lockDirectory(dir, NAME, { clock, signal: stop.signal });
    while (clock.timers === 0) await new Promise(setImmediate);
    const reason = new Error("told to stop");
    stop.abort(reason);
    await assert.rejects(taking, (error) => error === reason);
    assert.equal(clock.timers, 0);
    assert.deepEqual(await readdir(dir), [`${NAME}.guard`], "it is left to whoever has it");
  });
});
