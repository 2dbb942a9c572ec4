import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import type { Readable } from "node:stream";
import { setImmediate } from "node:timers/promises";
import { cli } from "../support/paths.ts";
import { type CourseFolder, layCourseFolder } from "./course-folder.ts";
import { runValidation } from "./fake-docker.ts";
import { freePort } from "./free-port.ts";
import { LogFeed } from "./log-feed.ts";
import type { Plan, Show, Stage, Validation } from "./stage.ts";

/** Runs the compose file's services as plain processes on this machine. */
export const processStage: Stage = {
  name: "processes",
  async open(plan) {
    return new ProcessShow(plan, await freePort());
  },
};

export interface ShowOptions {
  /** The port to which clients connect, if there is a proxy in between. */
  readonly clientPort?: number;
  /** Variables of services besides those of the compose file. */
  readonly environment?: (service: string) => Readonly<Record<string, string>>;
  /** A command that starts the program, such as a tracer; asked for at each start. */
  readonly prefix?: (service: string) => readonly string[];
  /** How long anything may take before it counts as hanging. */
  readonly patienceMs?: number | undefined;
}

/** A show whose programs can be killed and started again, which containers need not offer. */
export class ProcessShow implements Show {
  readonly feed: LogFeed;
  readonly port: number;
  readonly #plan: Plan;
  readonly #environment: ShowOptions["environment"];
  readonly #prefix: ShowOptions["prefix"];
  readonly #folder: CourseFolder;
  readonly #running = new Map<string, { child: ChildProcess; ended: Promise<void> }>();

  /** @param port where the server listens */
  constructor(plan: Plan, port: number, options: ShowOptions = {}) {
    const { clientPort = port, environment, prefix, patienceMs } = options;
    this.feed = new LogFeed(patienceMs);
    this.port = port;
    this.#plan = plan;
    this.#environment = environment;
    this.#prefix = prefix;
    this.#folder = layCourseFolder(plan, { host: "127.0.0.1", port, clientPort });
    mkdirSync(join(this.#folder.path, "home"));
  }

  get services(): string[] {
    return [...this.#folder.services.keys()];
  }

  async start(services: readonly string[]): Promise<void> {
    for (const service of services) await this.#start(service);
  }

  async #start(service: string): Promise<void> {
    const definition = this.#folder.services.get(service);
    if (definition === undefined) throw new Error(`No service is called ${service}`);
    const server = service === "server";
    const before = this.feed.sightings.length;
    const { impostor } = this.#plan;
    const config = definition.mounts.get(server ? "/config.ini" : "/config.yaml") ?? "";
    const args =
      server && impostor !== undefined
        ? [join(this.#folder.path, "impostor.mjs"), impostor, String(this.port)]
        : [cli, server ? "central" : "agency", "--config", config];
    const [command, ...leading] = this.#prefix?.(service) ?? [];
    const node = command === undefined ? [] : [...leading, process.execPath];
    const child = spawn(command ?? process.execPath, [...node, ...args], {
      // As in the images: the server runs in its own folder, clients run where .data is.
      cwd: server ? join(this.#folder.path, "home") : this.#folder.path,
      env: {
        ...plainEnvironment(),
        ...LOCAL,
        ...definition.environment,
        ...this.#environment?.(service),
      },
      stdio: ["ignore", "pipe", "pipe"],
    });
    const ended = this.#follow(service, child);
    this.#running.set(service, { child, ended });
    if (!server) return;
    if (impostor === undefined) await this.feed.untilBegun(service, "accept_connections", before);
    else await this.feed.until("the impostor", (seen) => seen.source === service);
  }

  async stop(services: readonly string[], graceSeconds: number): Promise<void> {
    await Promise.all(
      services.map(async (service) => {
        const running = this.#running.get(service);
        if (running === undefined) return;
        running.child.kill("SIGTERM");
        const killer = setTimeout(() => running.child.kill("SIGKILL"), graceSeconds * 1000);
        await running.ended;
        clearTimeout(killer);
      }),
    );
  }

  /** `kill -9`. */
  async kill(service: string): Promise<void> {
    const running = this.#running.get(service);
    running?.child.kill("SIGKILL");
    await running?.ended;
  }

  isRunning(service: string): boolean {
    return this.#running.has(service);
  }

  validate(): Promise<Validation> {
    return runValidation(this.#folder.path, this.port);
  }

  serverData(): Promise<string> {
    return Promise.resolve(join(this.#folder.path, "home", "data"));
  }

  async close(): Promise<void> {
    await this.stop([...this.#running.keys()], 5);
    this.#folder.remove();
  }

  async #follow(service: string, child: ChildProcess): Promise<void> {
    const exit = once(child, "exit");
    const streams = [child.stdout, child.stderr].filter((stream) => stream !== null);
    await Promise.all(streams.map(async (stream) => this.#readLines(service, stream)));
    const [status, signal] = (await exit) as [number | null, NodeJS.Signals | null];
    this.#running.delete(service);
    // What a container would report: 128 and the signal's number.
    this.feed.pushExit(service, status ?? (signal === "SIGKILL" ? 137 : 143));
  }

  async #readLines(service: string, stream: Readable): Promise<void> {
    for await (const line of createInterface({ input: stream })) {
      if (service !== "server") {
        // Everything that the server wrote before this line is in its pipe by now, but may not be
        // read yet. After a whole turn of the event loop it is.
        await setImmediate();
        await setImmediate();
      }
      this.feed.pushLine(service, line);
    }
  }
}

/** Settings for one machine: reachable only from here, and tried again soon after a failure. */
const LOCAL: Readonly<Record<string, string>> = {
  SERVER_BIND_ADDRESS: "127.0.0.1",
  CLI_RETRY_FIRSTDELAY: "10ms",
  CLI_RETRY_MAXDELAY: "100ms",
};

/** The environment without variables that would configure a central or an agency. */
function plainEnvironment(): NodeJS.ProcessEnv {
  return Object.fromEntries(
    Object.entries(process.env).filter(([name]) => !/^(SERVER_|CLI_|LOGGING_|NODE_)/.test(name)),
  );
}
