import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import type { Readable } from "node:stream";
import { isReport } from "../../src/cli/supervision.ts";
import { cli } from "../support/paths.ts";
import { type Descriptors, readDescriptors } from "./process-readings.ts";
import { until } from "./until.ts";

/** An event of the central's log. */
export type LogEvent = Readonly<Record<string, unknown>>;

export interface CentralProcessOptions {
  /** Variables of docs/configuration.md, besides those that every test sets. */
  readonly settings?: Readonly<Record<string, string>>;
  /** Its folder, if an earlier central ran there or a later one will: the caller removes it. */
  readonly folder?: string;
  /** Node's own options. */
  readonly nodeOptions?: readonly string[];
  /** What the process sends besides its reports. */
  readonly onMessage?: (message: unknown) => void;
  /** Whether its log is kept in {@link CentralProcess.events} [true] */
  readonly keepEvents?: boolean;
}

export interface Stop {
  readonly status: number | null;
  readonly signal: NodeJS.Signals | null;
  /** From the signal to the end of the process. */
  readonly ms: number;
}

/** `quiniela central`, as its own process with its own folder. */
export class CentralProcess {
  readonly port: number;
  readonly pid: number;
  /** Everything that it logged: warnings and worse, unless its settings say otherwise. */
  readonly events: LogEvent[];
  readonly dataDir: string;
  /** The folder that goes with it. */
  readonly #own: string | undefined;
  readonly #child: ChildProcess;
  readonly #ended: Promise<unknown>;
  readonly #base: Descriptors;

  private constructor(parts: {
    port: number;
    pid: number;
    events: LogEvent[];
    folder: string;
    own: string | undefined;
    child: ChildProcess;
    ended: Promise<unknown>;
  }) {
    this.port = parts.port;
    this.pid = parts.pid;
    this.events = parts.events;
    this.dataDir = join(parts.folder, "data");
    this.#own = parts.own;
    this.#child = parts.child;
    this.#ended = parts.ended;
    this.#base = this.descriptors();
  }

  static async start(options: CentralProcessOptions = {}): Promise<CentralProcess> {
    const { settings = {}, nodeOptions = [], onMessage, keepEvents = true } = options;
    const folder = options.folder ?? mkdtempSync(join(tmpdir(), "quiniela-abuse-"));
    const dataDir = join(folder, "data");
    mkdirSync(dataDir, { recursive: true });
    const child = spawn(process.execPath, [...nodeOptions, cli, "central"], {
      cwd: folder,
      env: {
        ...plainEnvironment(),
        SERVER_PORT: "0",
        SERVER_BIND_ADDRESS: "127.0.0.1",
        SERVER_DATA_DIR: dataDir,
        SERVER_LOG_FORMAT: "json",
        LOGGING_LEVEL: "WARNING",
        ...settings,
      },
      // Because of the channel, the central ends by itself when this process is gone.
      stdio: ["ignore", "pipe", "pipe", "ipc"],
    });
    const events: LogEvent[] = [];
    const ended = once(child, "exit");
    const complaints: string[] = [];
    if (child.stdout !== null) {
      void readEvents(child.stdout, (event) => {
        if (keepEvents) events.push(event);
      });
    }
    child.stderr?.setEncoding("utf8").on("data", (text: string) => complaints.push(text));
    const port = await new Promise<number>((resolve, reject) => {
      child.on("message", (message) => {
        if (isReport(message) && message.kind === "listening") resolve(message.port);
        else onMessage?.(message);
      });
      child.once("exit", (status) => {
        reject(new Error(`The central ended with ${status}: ${complaints.join("")}`));
      });
    });
    const own = options.folder === undefined ? folder : undefined;
    return new CentralProcess({ port, pid: child.pid ?? 0, events, folder, own, child, ended });
  }

  /** What is open now. */
  descriptors(): Descriptors {
    return readDescriptors(this.pid, this.dataDir);
  }

  /** Connections that it holds, those that it has accepted and not closed. */
  get connections(): number {
    return this.descriptors().sockets - this.#base.sockets;
  }

  /** Waits until it holds so many connections. */
  async untilConnections(count: number): Promise<void> {
    const describe = (): string => `It holds ${this.connections}`;
    await until(`${count} connections`, () => this.connections === count, describe);
  }

  /** Waits until everything that is not the ledger's own is closed again. */
  async untilAtBase(): Promise<void> {
    const { sockets, others } = this.#base;
    const describe = (): string =>
      `From ${JSON.stringify(this.#base)} to ${JSON.stringify(this.descriptors())}`;
    await until(
      "the descriptors of the beginning",
      () => {
        const now = this.descriptors();
        return now.sockets === sockets && now.others === others;
      },
      describe,
    );
  }

  /** Events that have these fields. */
  logged(fields: LogEvent): LogEvent[] {
    const wanted = Object.entries(fields);
    return this.events.filter((event) => wanted.every(([key, value]) => event[key] === value));
  }

  /** Sessions that it has cut, or that ended badly, by their reason. */
  cutSessions(reason: string): number {
    return this.told("close_session", reason);
  }

  /** How often something happened for a reason: lines that were left out are counted on others. */
  told(action: string, reason = ""): number {
    const cause = `${action} fail ${/^[a-z ]*/.exec(reason)?.[0] ?? ""}`.trimEnd();
    const counts = this.events.map((event) => {
      const leftOut = Number(event["left_out"] ?? 0);
      if (event["action"] === "log") return String(event["lines"]).startsWith(cause) ? leftOut : 0;
      const matches = event["action"] === action && String(event["reason"]).startsWith(reason);
      return matches ? 1 + leftOut : 0;
    });
    return counts.reduce((sum, count) => sum + count, 0);
  }

  /** SIGTERM, then SIGKILL if it is still there after a while: what `docker stop -t` does. */
  async stop(graceMs: number): Promise<Stop> {
    const startMs = performance.now();
    const { exitCode, signalCode } = this.#child;
    if (exitCode !== null || signalCode !== null) throw new Error("The central ended by itself");
    this.#child.kill("SIGTERM");
    const killer = setTimeout(() => this.#child.kill("SIGKILL"), graceMs);
    await this.#ended;
    clearTimeout(killer);
    const ms = performance.now() - startMs;
    return { status: this.#child.exitCode, signal: this.#child.signalCode, ms };
  }

  /** Ends what still runs, and removes the folder. */
  async close(): Promise<void> {
    this.#child.kill("SIGKILL");
    await this.#ended;
    if (this.#own !== undefined) rmSync(this.#own, { recursive: true, force: true });
  }
}

async function readEvents(stream: Readable, onEvent: (event: LogEvent) => void): Promise<void> {
  for await (const line of createInterface({ input: stream })) {
    onEvent(JSON.parse(line) as LogEvent);
  }
}

/** The environment without variables that would configure a central. */
function plainEnvironment(): NodeJS.ProcessEnv {
  return Object.fromEntries(
    Object.entries(process.env).filter(([name]) => !/^(SERVER_|CLI_|LOGGING_|NODE_)/.test(name)),
  );
}
