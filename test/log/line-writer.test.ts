import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { describe, it, type TestContext } from "node:test";
import { fileURLToPath } from "node:url";
import { parseLine } from "../../src/log/parse-line.ts";
import type { Wish } from "./chatty-program.ts";

const PROGRAM = fileURLToPath(new URL("./chatty-program.js", import.meta.url));

describe("log lines", () => {
  for (const how of ["close", "exit", "throw", "disconnect"] as const) {
    it(`all reach a pipe when the program ends by ${how}`, async () => {
      const child = chatty("-");
      const output = text(child.stdout);
      await run(child, { kind: "log", lines: 3000 }, { kind: "end", how });
      assertChat(await output, 3000);
    });

    it(`all reach a file when the program ends by ${how}`, async (t) => {
      const file = join(temporaryFolder(t), "central.log");
      await run(chatty(file), { kind: "log", lines: 3000 }, { kind: "end", how });
      assertChat(readFileSync(file, "utf8"), 3000);
    });
  }

  it("have reached a pipe when flush returns", async () => {
    const child = chatty("-");
    const output = text(child.stdout);
    await run(child, { kind: "log", lines: 3000 }, { kind: "flush", lines: 20 });
    assertChat(await output, 3020);
  });

  it("have reached a file when flush returns", async (t) => {
    const file = join(temporaryFolder(t), "central.log");
    await run(chatty(file), { kind: "flush", lines: 20 });
    assertChat(readFileSync(file, "utf8"), 20);
  });

  for (const lines of [1, 20, 3000]) {
    it(`have left the process when the writer reports that: ${lines} to a pipe`, async () => {
      const child = chatty("-");
      const output = text(child.stdout);
      await run(child, { kind: "written", lines, kill: true });
      assertChat(await output, lines);
    });

    it(`have left the process when the writer reports that: ${lines} to a file`, async (t) => {
      const file = join(temporaryFolder(t), "central.log");
      await run(chatty(file), { kind: "written", lines, kill: true });
      assertChat(readFileSync(file, "utf8"), lines);
    });
  }

  it("count as written when a slow reader has taken them, and not before", async () => {
    const child = chatty("-");
    const stopped = once(child, "exit");
    const answers: unknown[] = [];
    child.on("message", (answer) => answers.push(answer));
    tell(child, { kind: "written", lines: 20_000, kill: false });
    tell(child, { kind: "log", lines: 1 });
    await once(child, "message");
    assert.deepEqual(answers, [20_001], "the pipe is full");
    const written = once(child, "message");
    child.stdout.resume();
    assert.deepEqual((await written)[0], true);
    tell(child, { kind: "end", how: "close" });
    assert.deepEqual(await stopped, [0, null]);
  });

  it("do not count as written if some were dropped, or the reader is gone", async () => {
    const full = chatty("-", 64 * 1024);
    tell(full, { kind: "written", lines: 20_000, kill: false });
    assert.deepEqual((await once(full, "message"))[0], false);
    full.stdout.destroy();
    tell(full, { kind: "end", how: "close" });

    const gone = chatty("-");
    gone.stdout.destroy();
    tell(gone, { kind: "written", lines: 1, kill: false });
    assert.deepEqual((await once(gone, "message"))[0], false);
    tell(gone, { kind: "end", how: "close" });
  });

  it("are counted if they were dropped because of a stalled reader, and none is lost silently", async () => {
    const child = chatty("-", 256 * 1024);
    const stopped = once(child, "exit");
    // Nothing reads: the pipe fills, then the buffer of waiting lines. The program still answers.
    for (let round = 0; round < 5; round++) {
      tell(child, { kind: "log", lines: 2000 });
      await once(child, "message");
    }
    let output = "";
    const reported = new Promise<void>((resolve) => {
      child.stdout.setEncoding("utf8").on("data", (chunk: string) => {
        output += chunk;
        if (/action: log \| result: fail \| dropped: \d+\n/.test(output)) resolve();
      });
    });
    await reported;
    tell(child, { kind: "log", lines: 10 });
    await once(child, "message");
    tell(child, { kind: "end", how: "close" });
    await stopped;

    const events = output.trimEnd().split("\n").map(eventOf);
    const gap = events.findIndex(({ action }) => action === "log");
    const dropped = Number(events[gap]?.["dropped"]);
    assert.ok(dropped > 0);
    assert.equal(events.length - 1 + dropped, 10_010);
    // The lines are in order, and the gap is where its line says.
    events.forEach((event, index) => {
      if (index < gap) assert.equal(Number(event["line"]), index);
      if (index > gap) assert.equal(Number(event["line"]), index - 1 + dropped);
    });
  });

  it("of stored batches keep their room, however many others a stalled reader leaves", async () => {
    const child = chatty("-", 256 * 1024);
    const stopped = once(child, "exit");
    for (let round = 0; round < 5; round++) {
      for (const wish of [
        { kind: "log", lines: 2000 } as const,
        { kind: "owe", lines: 50 } as const,
      ]) {
        tell(child, wish);
        await once(child, "message");
      }
    }
    const output = text(child.stdout);
    tell(child, { kind: "end", how: "close" });
    await stopped;

    const events = (await output).trimEnd().split("\n").map(eventOf);
    const owed = events.filter(({ action }) => action === "apuesta_recibida");
    assert.equal(owed.length, 250);
    const gaps = events.filter(({ action }) => action === "log");
    const dropped = gaps.reduce((sum, gap) => sum + Number(gap["dropped"]), 0);
    assert.ok(dropped > 0);
    assert.equal(events.length - gaps.length + dropped, 10_250);
  });

  for (const how of ["close", "exit", "disconnect"] as const) {
    it(`do not hold up a program that ends by ${how} before a reader that never reads`, async () => {
      const child = chatty("-");
      const stopped = once(child, "exit");
      tell(child, { kind: "log", lines: 20_000 });
      await once(child, "message");
      tell(child, { kind: "end", how });
      assert.deepEqual(await stopped, [0, null]);
      child.stdout.destroy();
    });
  }

  it("are dropped silently when the reader is gone", async () => {
    const child = chatty("-");
    const stopped = once(child, "exit");
    const errors = text(child.stderr);
    child.stdout.destroy();
    for (let round = 0; round < 3; round++) {
      tell(child, { kind: "log", lines: 2000 });
      await once(child, "message");
    }
    tell(child, { kind: "end", how: "close" });
    assert.deepEqual(await stopped, [0, null]);
    assert.equal(await errors, "");
  });
});

function chatty(file: string, waitingBytesMax?: number) {
  const child = spawn(
    process.execPath,
    [PROGRAM, file, ...(waitingBytesMax === undefined ? [] : [String(waitingBytesMax)])],
    { stdio: ["ignore", "pipe", "pipe", "ipc"] },
  );
  const { stdout, stderr } = child;
  assert.ok(stdout !== null && stderr !== null);
  return Object.assign(child, { stdout, stderr });
}

async function run(child: ChildProcess, ...wishes: readonly Wish[]): Promise<void> {
  const stopped = once(child, "exit");
  for (const wish of wishes) tell(child, wish);
  await stopped;
}

function temporaryFolder(t: TestContext): string {
  const dir = mkdtempSync(join(tmpdir(), "quiniela-log-"));
  t.after(() => rmSync(dir, { recursive: true }));
  return dir;
}

function tell(child: ChildProcess, wish: Wish): void {
  child.send(wish);
}

function eventOf(line: string) {
  const parsed = parseLine(line);
  assert.ok(parsed, `Not a line of the log: ${line}`);
  return parsed.event;
}

function assertChat(output: string, lines: number): void {
  assert.ok(output.endsWith("\n"));
  const numbers = output
    .trimEnd()
    .split("\n")
    .map((line) => Number(eventOf(line)["line"]));
  assert.deepEqual(
    numbers,
    Array.from({ length: lines }, (_, index) => index),
  );
}
