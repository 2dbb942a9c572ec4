import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import type { TestContext } from "node:test";
import { cli } from "../support/paths.ts";
import { type CliRun, runCli } from "../support/run-cli.ts";

/** A central as its own process, and the commands of its operators. */
export class CentralProcess {
  readonly port: number;
  /** Its log so far, line by line. */
  readonly lines: string[];
  readonly #dir: string;
  readonly #child: ChildProcess;
  readonly #waiting: Set<() => void>;

  private constructor(
    port: number,
    dir: string,
    child: ChildProcess,
    lines: string[],
    waiting: Set<() => void>,
  ) {
    this.port = port;
    this.lines = lines;
    this.#dir = dir;
    this.#child = child;
    this.#waiting = waiting;
  }

  /**
   * Starts it on a data folder; the test's end kills it. Resolves when it listens.
   *
   * @param port of an earlier life, which its agencies know [any]
   */
  static async start(
    t: Pick<TestContext, "after">,
    dir: string,
    args: readonly string[] = [],
    port = 0,
  ): Promise<CentralProcess> {
    const common = ["central", "--port", `${port}`, "--bind", "127.0.0.1", "--data-dir", dir];
    const child = spawn(process.execPath, [cli, ...common, ...args], {
      stdio: ["ignore", "pipe", "inherit"],
    });
    t.after(() => child.kill("SIGKILL"));
    const lines: string[] = [];
    const waiting = new Set<() => void>();
    assert.ok(child.stdout !== null);
    createInterface({ input: child.stdout }).on("line", (line) => {
      lines.push(line);
      for (const callback of waiting) callback();
    });
    const ended = once(child, "close").then(([status]) => assert.fail(`it ended with ${status}`));
    const listening = waitFor(lines, waiting, / action: start .*address: [^ ]*:(\d+)/);
    const found = await Promise.race([listening, ended]);
    // Its operators are answered a little later than its agencies, or not at all.
    const operators = waitFor(lines, waiting, / action: open_operators_socket \| result: (\w+)/);
    const [, result] = await Promise.race([operators, ended]);
    assert.equal(result, "success");
    ended.catch(() => undefined);
    return new CentralProcess(Number(found[1]), dir, child, lines, waiting);
  }

  /** Resolves with the first line that matches, of those that are there or come. */
  line(pattern: RegExp): Promise<RegExpExecArray> {
    return waitFor(this.lines, this.#waiting, pattern);
  }

  /** Runs a command of its operators to the end. */
  run(...args: readonly string[]): Promise<CliRun> {
    return runCli([...args, "--data-dir", this.#dir]);
  }

  /** As {@link run}, and it must succeed. @returns what it prints as JSON */
  async json<T>(...args: readonly string[]): Promise<T> {
    const { status, stdout, stderr } = await this.run(...args, "--json");
    assert.equal(status, 0, `${args.join(" ")}: ${stderr}`);
    return JSON.parse(stdout) as T;
  }

  /** Tells the number as an operator types it, twice. */
  async typeNumber(draw: string, typed: readonly string[], operator: string): Promise<CliRun> {
    const args = ["draws", "number", draw, "--yes", "--operator", operator];
    const child = spawn(process.execPath, [cli, ...args, "--data-dir", this.#dir], {
      stdio: ["pipe", "pipe", "pipe"],
    });
    let stdout = "";
    let stderr = "";
    child.stdout.on("data", (chunk: Buffer) => (stdout += chunk.toString()));
    child.stderr.on("data", (chunk: Buffer) => (stderr += chunk.toString()));
    child.stdin.end(typed.map((line) => `${line}\n`).join(""));
    const [status] = (await once(child, "close")) as [number | null];
    return { status, stdout, stderr };
  }

  async kill(): Promise<void> {
    this.#child.kill("SIGKILL");
    await once(this.#child, "close");
  }

  /** Stops it in order. */
  async stop(): Promise<void> {
    this.#child.kill("SIGTERM");
    const [status] = (await once(this.#child, "close")) as [number | null];
    assert.equal(status, 0);
  }
}

function waitFor(
  lines: readonly string[],
  waiting: Set<() => void>,
  pattern: RegExp,
): Promise<RegExpExecArray> {
  return new Promise((resolve) => {
    let seen = 0;
    const look = (): void => {
      for (; seen < lines.length; seen++) {
        const found = pattern.exec(lines[seen] ?? "");
        if (found === null) continue;
        waiting.delete(look);
        resolve(found);
        return;
      }
    };
    waiting.add(look);
    look();
  });
}
