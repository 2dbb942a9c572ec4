import { type ChildProcess, spawn } from "node:child_process";
import { closeSync, openSync } from "node:fs";
import { chmod, mkdtemp, rm } from "node:fs/promises";
import { join } from "node:path";
import type { Readable } from "node:stream";

export interface ProgramOptions {
  /** For error messages. */
  readonly name: string;
  readonly command: string;
  readonly args: readonly string[];
  readonly cwd?: string;
  readonly env?: NodeJS.ProcessEnv;
  /** Where standard output goes: kept for {@link Program.output}, or to a file [kept]. */
  readonly stdout?: "keep" | { readonly file: string };
  /** Node's own channel: for programs that send messages, and that end when it is gone. */
  readonly channel?: boolean;
  /** The program runs as this user [the same user]. */
  readonly user?: { readonly uid: number; readonly gid: number } | undefined;
  /** The signal that ends the program at once [SIGKILL]. */
  readonly killSignal?: NodeJS.Signals;
}

/** How much of a program's standard error is kept. */
const ERROR_TEXT_MAX = 64 * 1024;
/** How many lines of it an error message has. */
const ERROR_LINES = 4;
/** How long a program may take to end when it is asked to; then it is killed. */
const STOP_PATIENCE_MS = 30_000;

/**
 * The programs and temporary folders of one measurement. `close` ends and removes them all, also after a
 * failure.
 */
export class Stage {
  readonly #root: string;
  readonly #signal: AbortSignal;
  readonly #programs = new Set<Program>();
  readonly #folders: string[] = [];
  readonly #kill = (): void => {
    for (const program of this.#programs) program.kill();
  };

  /**
   * @param root folder for temporary folders
   * @param signal when it aborts, all programs are killed, so that nothing waits for them any more
   */
  constructor(root: string, signal: AbortSignal) {
    this.#root = root;
    this.#signal = signal;
    signal.addEventListener("abort", this.#kill);
    process.on("exit", this.#kill);
  }

  /** Makes a new folder; other users may enter it, but not list it. */
  async folder(): Promise<string> {
    this.#signal.throwIfAborted();
    const path = await mkdtemp(join(this.#root, "quiniela-bench-"));
    this.#folders.push(path);
    await chmod(path, 0o711);
    return path;
  }

  start(options: ProgramOptions): Program {
    this.#signal.throwIfAborted();
    const program = new Program(options);
    this.#programs.add(program);
    void program.ended.then(() => this.#programs.delete(program));
    return program;
  }

  /** Starts a Node program. @param script its compiled file */
  startNode(script: string, options: Omit<ProgramOptions, "command">): Program {
    return this.start({
      ...options,
      command: process.execPath,
      args: [script, ...options.args],
    });
  }

  async close(): Promise<void> {
    this.#kill();
    await Promise.all(Array.from(this.#programs, async (program) => program.ended));
    this.#signal.removeEventListener("abort", this.#kill);
    process.off("exit", this.#kill);
    for (const path of this.#folders) {
      await rm(path, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 });
    }
  }
}

/** A program that a stage has started. */
export class Program {
  readonly name: string;
  /** Resolves with its exit status or the signal that ended it; never rejects. */
  readonly ended: Promise<number | NodeJS.Signals>;
  readonly #child: ChildProcess;
  readonly #killSignal: NodeJS.Signals;
  readonly #output: string[] = [];
  #errorText = "";
  #hasEnded = false;

  constructor(options: ProgramOptions) {
    const { name, command, args, cwd, env = process.env, stdout = "keep", user } = options;
    this.name = name;
    this.#killSignal = options.killSignal ?? "SIGKILL";
    const out = stdout === "keep" ? "pipe" : openSync(stdout.file, "a");
    this.#child = spawn(command, args, {
      cwd,
      env,
      stdio: ["ignore", out, "pipe", ...(options.channel === true ? (["ipc"] as const) : [])],
      ...user,
    });
    if (typeof out === "number") closeSync(out);
    keep(this.#child.stdout, (text) => this.#output.push(text));
    keep(this.#child.stderr, (text) => {
      this.#errorText = (this.#errorText + text).slice(-ERROR_TEXT_MAX);
    });
    this.ended = new Promise((resolve) => {
      this.#child.once("error", (error) => {
        this.#errorText += error.message;
        // A program that could not be started emits no "close".
        if (this.#child.pid === undefined) this.#end(resolve, 1);
      });
      // "close" comes when all output has been read.
      this.#child.once("close", (status, signal) => this.#end(resolve, status ?? signal ?? 1));
    });
  }

  /** The process id; NaN when the program could not be started. */
  get pid(): number {
    return this.#child.pid ?? Number.NaN;
  }

  get hasEnded(): boolean {
    return this.#hasEnded;
  }

  get output(): string {
    return this.#output.join("");
  }

  /**
   * Waits for the next message of this kind on the channel.
   * @throws Error when the program ends before
   */
  async message(kind: string): Promise<Readonly<Record<string, unknown>>> {
    let listener: ((message: unknown) => void) | undefined;
    const received = new Promise<Readonly<Record<string, unknown>>>((resolve) => {
      listener = (message) => {
        if (isRecord(message) && message["kind"] === kind) resolve(message);
      };
      this.#child.on("message", listener);
    });
    try {
      return await Promise.race([received, this.#endedEarly()]);
    } finally {
      if (listener !== undefined) this.#child.off("message", listener);
    }
  }

  send(message: object): void {
    // Ignore errors: waiting for the answer fails when the program is gone.
    this.#child.send?.(message, () => undefined);
  }

  /** Waits for its end. @throws Error with the end of its standard error unless the status is 0 */
  async succeed(): Promise<string> {
    const ending = await this.ended;
    if (ending !== 0) throw this.failure(`ended with ${ending}`);
    return this.output;
  }

  /** Waits for its end, but no longer than this. @throws Error when it had to be killed */
  async end(patienceMs: number): Promise<number | NodeJS.Signals> {
    let patient = true;
    const timer = setTimeout(() => {
      patient = false;
      this.kill();
    }, patienceMs);
    const ending = await this.ended;
    clearTimeout(timer);
    if (!patient) throw this.failure(`was killed: it did not end within ${patienceMs / 1000} s`);
    return ending;
  }

  /** Asks it to end, and waits for the end. @throws Error unless the status is 0 */
  async stop(signal: NodeJS.Signals = "SIGTERM"): Promise<void> {
    this.#child.kill(signal);
    const ending = await this.end(STOP_PATIENCE_MS);
    if (ending !== 0) throw this.failure(`ended with ${ending}`);
  }

  /** Ends it at once. */
  kill(): void {
    this.#child.kill(this.#killSignal);
  }

  failure(what: string): Error {
    const lines = this.#errorText.trimEnd().split("\n");
    // Node prints the line of code, then the error, then the stack.
    const at = lines.findIndex((line) => /^\w*Error\b/.test(line));
    const said = (at < 0 ? lines.slice(-ERROR_LINES) : lines.slice(at, at + ERROR_LINES)).join(
      "\n",
    );
    return new Error(`${this.name} ${what}${said === "" ? "" : `: ${said}`}`);
  }

  #end(resolve: (ending: number | NodeJS.Signals) => void, ending: number | NodeJS.Signals): void {
    this.#hasEnded = true;
    resolve(ending);
  }

  async #endedEarly(): Promise<never> {
    const ending = await this.ended;
    throw this.failure(`ended too early, with ${ending}`);
  }
}

function keep(stream: Readable | null, take: (text: string) => void): void {
  stream?.setEncoding("utf8");
  stream?.on("data", take);
}

export function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null;
}
