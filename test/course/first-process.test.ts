import assert from "node:assert/strict";
import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { open, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { describe, it, type TestContext } from "node:test";
import { root } from "../support/paths.ts";
import { tempDir } from "../support/temp-dir.ts";

/** Opens a pipe to show that it runs, then does what a test wants. */
const PROGRAMS = {
  // Like Node before the first line of a program: it has no handlers yet.
  bare: "",
  // Ends with the number of the signals that it was told.
  counting: `let told = 0; for (const name of ["SIGTERM", "SIGHUP"]) process.on(name, () => { told++; console.log(name); if (name === "SIGTERM") process.exit(40 + told); });`,
} as const;

describe("a container's first process", () => {
  for (const [command, status] of [
    ["central", 0],
    ["agency", 0],
    ["export", 143],
  ] as const) {
    it(`ends with ${status} when ${command} is stopped before Node handles signals`, async (t) => {
      const { first } = await start(t, "bare", command);
      const words = text(first.stderr ?? assert.fail());
      first.kill("SIGTERM");
      assert.deepEqual(await once(first, "exit"), [status, null]);
      assert.equal(await words, "");
    });
  }

  it("passes every signal on, and ends with the status of the program", async (t) => {
    const { first, output } = await start(t, "counting", "central");
    first.kill("SIGHUP");
    for await (const chunk of output) {
      if (String(chunk).includes("SIGHUP")) break;
    }
    first.kill("SIGTERM");
    assert.deepEqual(await once(first, "exit"), [42, null]);
  });

  it("passes arguments and standard input to the program", async (t) => {
    const main = join(await tempDir(t), "main.mjs");
    await writeFile(
      main,
      "console.log(process.argv.slice(2).join()); process.stdin.pipe(process.stdout);",
    );
    const first = run(t, main, ["a b", "c"]);
    first.stdin?.end("said");
    assert.equal(await text(first.stdout ?? assert.fail()), "a b,c\nsaid");
  });
});

async function start(
  t: TestContext,
  program: keyof typeof PROGRAMS,
  command: string,
): Promise<{ first: ChildProcess; output: NodeJS.ReadableStream }> {
  const dir = await tempDir(t);
  const main = join(dir, "main.mjs");
  const ready = join(dir, "ready");
  execFileSync("mkfifo", [ready]);
  await writeFile(
    main,
    `import { openSync } from "node:fs"; ${PROGRAMS[program]} setInterval(() => undefined, 1000); openSync(${JSON.stringify(ready)});`,
  );
  const first = run(t, main, [command]);
  await (await open(ready, "w")).close();
  return { first, output: first.stdout ?? assert.fail() };
}

function run(t: TestContext, main: string, args: readonly string[]): ChildProcess {
  const first = spawn("sh", [join(root, "scripts/first-process.sh"), ...args], {
    stdio: "pipe",
    env: { ...process.env, QUINIELA_MAIN: main },
  });
  t.after(() => first.kill("SIGKILL"));
  return first;
}
