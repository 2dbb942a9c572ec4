import assert from "node:assert/strict";
import { execFileSync, spawn } from "node:child_process";
import { EventEmitter, once } from "node:events";
import { mkdir, open, readdir, utimes, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { describe, it, type TestContext } from "node:test";
import { setImmediate as turn } from "node:timers/promises";
import { heedSignals } from "../../src/cli/signals.ts";
import { LOCK_FILE } from "../../src/stores/ledger/layout.ts";
import { cli } from "../support/paths.ts";
import { tempDir } from "../support/temp-dir.ts";

type Program = "central" | "agency";
/** Nothing listens on port 1: the agency tries again and again. */
const ARGS: Readonly<Record<Program, readonly string[]>> = {
  central: ["--port", "0", "--bind", "127.0.0.1", "--data-dir", "data"],
  agency: ["--id", "1", "--server", "127.0.0.1:1", "--data", "one.csv"],
};
/** The line of each when it runs. */
const RUNNING: Readonly<Record<Program, RegExp>> = {
  central: /action: accept_connections/,
  agency: /action: connect \| result: in_progress/,
};
const NAMES: Readonly<Record<Program, string>> = { central: "a central", agency: "an agency" };
const PROGRAMS = Object.keys(ARGS) as Program[];
const STOPS = ["SIGTERM", "SIGINT"] as const;

describe("a signal", () => {
  for (const program of PROGRAMS) {
    for (const signal of STOPS) {
      it(`${signal} stops ${NAMES[program]} that runs, also if it comes twice`, async (t) => {
        const run = await start(t, program);
        await run.line(RUNNING[program]);
        run.child.kill(signal);
        run.child.kill(signal);
        await run.line(/action: end \| result: /);
        const [status, by] = await run.ended;
        // While Node ends, it does not handle signals any more: a second signal that comes so late
        // has the system's own effect, on a program that has finished its work.
        if (by === null) assert.equal(status, statusOf(program, signal), run.log());
        else assert.equal(by, signal, run.log());
        assert.match(run.log(), new RegExp(`receive_signal .* signal: ${signal}`));
      });

      it(`${signal} stops ${NAMES[program]} whose modules are still being loaded`, async (t) => {
        const dir = await tempDir(t);
        const gate = fifo(dir, "gate");
        const hooks = `import { open } from "node:fs/promises";
          export async function load(url, context, next) {
            if (/\\/program-\\w+\\.js$/.test(url)) await new Promise((_, fail) => open(${JSON.stringify(gate)}).catch(fail));
            return next(url, context);
          }`;
        const run = await start(t, program, { dir, imports: registering(hooks) });
        // Opens when the hook has opened the other end.
        const held = await open(gate, "w");
        run.child.kill(signal);
        assert.deepEqual(await run.ended, [statusOf(program, signal), null], run.log());
        await held.close();
        assert.equal(run.log(), "", "there is no log yet");
      });

      it(`${signal} stops ${NAMES[program]} that waits for its configuration`, async (t) => {
        const dir = await tempDir(t);
        const file = fifo(dir, "configuration");
        const run = await start(t, program, { dir, more: ["--config", file] });
        const held = await open(file, "w");
        run.child.kill(signal);
        assert.deepEqual(await run.ended, [statusOf(program, signal), null], run.log());
        await held.close();
        assert.equal(run.log(), "", "there is no log yet");
      });
    }

    it(`SIGHUP and SIGUSR1 cause a line in the log of ${NAMES[program]}, which goes on`, async (t) => {
      const run = await start(t, program);
      await run.line(RUNNING[program]);
      for (const signal of ["SIGHUP", "SIGUSR1"] as const) {
        run.child.kill(signal);
        await run.line(new RegExp(`receive_signal .* signal: ${signal} \\| effect: none`));
      }
      run.child.kill("SIGTERM");
      assert.deepEqual(await run.ended, [0, null]);
      assert.doesNotMatch(run.log(), /Debugger/);
    });

    it(`${NAMES[program]} stops when its parent is gone before it has begun`, async (t) => {
      const dir = await tempDir(t);
      const gate = fifo(dir, "gate");
      const hooks = `import { open } from "node:fs/promises";
        export async function load(url, context, next) {
          if (/\\/program-\\w+\\.js$/.test(url)) await open(${JSON.stringify(gate)});
          return next(url, context);
        }`;
      const run = await start(t, program, { dir, imports: registering(hooks), ipc: true });
      const held = await open(gate, "w");
      run.child.disconnect();
      await held.close();
      assert.deepEqual(await run.ended, [0, null], run.log());
    });
  }

  for (const signal of STOPS) {
    it(`${signal} stops a central that waits for a data folder's guard`, async (t) => {
      const dir = await tempDir(t);
      const guard = join(dir, "data", "1", `${LOCK_FILE}.guard`);
      await mkdir(join(dir, "data", "1"), { recursive: true });
      await writeFile(guard, "");
      // A guard with a time in the future does not count as left over from a crash.
      const future = new Date(Date.now() + 3_600_000);
      await utimes(guard, future, future);
      const run = await start(t, "central", { dir, more: ["--log-level", "DEBUG"] });
      await run.line(/action: config/);
      run.child.kill(signal);
      assert.deepEqual(await run.ended, [0, null], run.log());
      assert.match(run.log(), /action: end \| result: success/);
      assert.doesNotMatch(run.log(), /accept_connections/);
    });

    it(`${signal} stops a central while its own name is looked up`, async (t) => {
      const hook = `import dns from "node:dns";
        dns.lookup = () => { console.log("looked up"); setInterval(() => undefined, 1000); };`;
      const more = ["--bind", "central.example"];
      const run = await start(t, "central", { imports: dataUrl(hook), more });
      await run.line(/looked up/);
      run.child.kill(signal);
      assert.deepEqual(await run.ended, [0, null], run.log());
      assert.match(run.log(), /action: close_store \| result: success/);
      assert.match(run.log(), /action: end \| result: success/);
    });

    it(`${signal} stops an agency while the central's name is looked up`, async (t) => {
      const hook = `import dns from "node:dns";
        dns.lookup = () => { console.log("looked up"); setInterval(() => undefined, 1000); };`;
      const more = ["--server", "central.example:12345"];
      const run = await start(t, "agency", { imports: dataUrl(hook), more });
      await run.line(/looked up/);
      run.child.kill(signal);
      assert.deepEqual(await run.ended, [statusOf("agency", signal), null], run.log());
      assert.match(run.log(), /action: end \| result: /);
    });
  }

  it("SIGTERM ends an agency's check of its file, which then is not a success", async (t) => {
    const dir = await tempDir(t);
    const file = fifo(dir, "configuration");
    const run = await start(t, "agency", { dir, more: ["--check", "--config", file] });
    const held = await open(file, "w");
    run.child.kill("SIGTERM");
    assert.deepEqual(await run.ended, [null, "SIGTERM"]);
    await held.close();
  });

  for (const signal of [...STOPS, "SIGHUP"] as const) {
    it(`${signal} ends quiniela generate, which leaves no incomplete file`, async (t) => {
      const dir = await tempDir(t);
      const args = ["generate", "--agencies", "1", "--bets", "900000000", "--out", dir];
      const child = spawn(process.execPath, [cli, ...args], { stdio: "ignore" });
      t.after(() => child.kill("SIGKILL"));
      const ended = once(child, "exit");
      while (!(await readdir(dir)).some((name) => name.endsWith(".tmp"))) await turn();
      child.kill(signal);
      assert.deepEqual(await ended, [null, signal]);
      assert.deepEqual(await readdir(dir), []);
    });
  }

  it("SIGUSR1 opens no debugger in any other command", async (t) => {
    const dir = await tempDir(t);
    const args = ["generate", "--agencies", "1", "--bets", "900000000", "--out", dir];
    const child = spawn(process.execPath, [cli, ...args], { stdio: ["ignore", "ignore", "pipe"] });
    t.after(() => child.kill("SIGKILL"));
    let errors = "";
    child.stderr.on("data", (chunk) => (errors += String(chunk)));
    const ended = once(child, "close");
    while ((await readdir(dir)).length === 0) await turn();
    child.kill("SIGUSR1");
    child.kill("SIGTERM");
    await ended;
    assert.equal(errors, "");
  });
});

describe("Node's own debugger", () => {
  it("is not opened by SIGUSR1 unless the command line or NODE_OPTIONS asks for it", () => {
    assert.ok(heeds([], {}));
    assert.ok(heeds(["--enable-source-maps"], { NODE_OPTIONS: "--no-warnings" }));
    for (const option of ["--inspect", "--inspect=0.0.0.0:1", "--inspect-brk", "--inspect-wait"]) {
      assert.ok(!heeds([option], {}), option);
      assert.ok(!heeds([], { NODE_OPTIONS: `--no-warnings ${option}` }), option);
    }
  });
});

/** An agency that is interrupted has not finished its work; a central has. */
function statusOf(program: Program, signal: (typeof STOPS)[number]): number {
  return program === "agency" && signal === "SIGINT" ? 130 : 0;
}

/** Whether a command would handle SIGUSR1 itself. */
function heeds(execArgv: readonly string[], env: NodeJS.ProcessEnv): boolean {
  const source = Object.assign(new EventEmitter(), { execArgv, env, exit: () => assert.fail() });
  heedSignals(["verify"], source);
  return source.listenerCount("SIGUSR1") > 0;
}

interface Run {
  readonly child: ReturnType<typeof spawn>;
  readonly ended: Promise<unknown[]>;
  /** Standard output and standard error so far. */
  log(): string;
  /** Waits for a line. */
  line(pattern: RegExp): Promise<void>;
}

async function start(
  t: TestContext,
  program: Program,
  options: {
    readonly dir?: string;
    /** A module that is evaluated first. */
    readonly imports?: string;
    readonly more?: readonly string[];
    readonly ipc?: boolean;
  } = {},
): Promise<Run> {
  const { imports, more = [], ipc = false } = options;
  const dir = options.dir ?? (await tempDir(t));
  await writeFile(join(dir, "one.csv"), "Ana,Paz,30111222,1990-01-02,7574\r\n");
  const first = imports === undefined ? [] : ["--import", imports];
  const child = spawn(process.execPath, [...first, cli, program, ...ARGS[program], ...more], {
    cwd: dir,
    stdio: ["ignore", "pipe", "pipe", ...(ipc ? (["ipc"] as const) : [])],
  });
  t.after(() => child.kill("SIGKILL"));
  const exit = once(child, "exit");
  let log = "";
  let waiting: (() => void)[] = [];
  const read = [child.stdout, child.stderr].map(async (stream) => {
    for await (const line of createInterface(stream ?? assert.fail("No output"))) {
      log += `${line}\n`;
      for (const look of waiting.splice(0)) look();
    }
  });
  // Not "close", which does not come after the parent has closed the channel.
  const ended = Promise.all([exit, ...read]).then(([status]) => {
    for (const look of waiting.splice(0)) look();
    return status;
  });
  return {
    child,
    ended,
    log: () => log,
    line: async (pattern) => {
      while (!pattern.test(log)) {
        assert.equal(
          child.exitCode ?? child.signalCode,
          null,
          `it has ended, without ${pattern}:\n${log}`,
        );
        await new Promise<void>((resolve) => {
          waiting.push(resolve);
        });
      }
    },
  };
}

function fifo(dir: string, name: string): string {
  const path = join(dir, name);
  execFileSync("mkfifo", [path]);
  return path;
}

function dataUrl(code: string): string {
  return `data:text/javascript,${encodeURIComponent(code)}`;
}

/** A module that gives Node other hooks for loading. */
function registering(hooks: string): string {
  const url = JSON.stringify(dataUrl(hooks));
  return dataUrl(
    `import { register } from "node:module"; register(${url}); setInterval(() => undefined, 1000);`,
  );
}
