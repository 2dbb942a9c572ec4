import { execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import type { Readable } from "node:stream";
import { promisify } from "node:util";
import { type CourseFolder, layCourseFolder } from "../blackbox/course-folder.ts";
import { validateWith } from "../blackbox/fake-docker.ts";
import { LogFeed } from "../blackbox/log-feed.ts";
import type { Plan, Show, Stage, Validation } from "../blackbox/stage.ts";

const run = promisify(execFile);

const LOG_IN_MEMORY = { maxBuffer: 64 * 1024 * 1024 };

/**
 * Runs the compose file on the container engine of `docker` in PATH. The exercise gives project,
 * containers and network fixed names, so only one such show can run at a time.
 */
export const containerStage: Stage = {
  name: "containers",
  open: (plan) => Promise.resolve(new ContainerShow(plan)),
};

/**
 * @throws Error if the names that a show needs are in use, because the show would remove that
 * project
 */
export async function assertNobodyPlays(): Promise<void> {
  const names = "name=^(server|client[0-9]+)$";
  const ps = ["ps", "--all", "--format", "{{.Names}}", "--filter", names];
  const { stdout } = await run("docker", ps);
  if (stdout.trim() === "") return;
  throw new Error(
    `Cannot play on containers: there are ${stdout.trim().split("\n").join(", ")} already; make docker-compose-down removes the project`,
  );
}

export class ContainerShow implements Show {
  readonly feed: LogFeed;
  readonly #folder: CourseFolder;
  readonly #files: string[];
  readonly #followed: Promise<void>[] = [];

  /** @param patienceMs how long anything may take before it counts as hanging */
  constructor(plan: Plan, patienceMs?: number) {
    this.feed = new LogFeed(patienceMs);
    this.#folder = layCourseFolder(plan, { host: "server", port: 12345 });
    this.#files = ["--file", this.#folder.composeFile];
    if (plan.impostor === undefined) return;
    const override = join(this.#folder.path, "impostor.yaml");
    writeFileSync(override, impostorOverride(plan.impostor));
    this.#files.push("--file", override);
  }

  get services(): string[] {
    return [...this.#folder.services.keys()];
  }

  async start(services: readonly string[]): Promise<void> {
    await this.#compose("up", "--detach", "--no-deps", ...services);
    for (const service of services) this.#followed.push(this.#follow(service));
    if (!services.includes("server")) return;
    await this.feed.until("the server's first words", (seen) => seen.source === "server");
  }

  async stop(services: readonly string[], graceSeconds: number): Promise<void> {
    await run("docker", ["stop", "--time", String(graceSeconds), ...services]);
  }

  async validate(): Promise<Validation> {
    return validateWith(process.env, this.#folder.path);
  }

  async serverData(): Promise<string> {
    const copy = join(this.#folder.path, "server-data");
    await run("docker", ["cp", "server:/var/lib/quiniela/data", copy]);
    return copy;
  }

  /** What all containers have logged so far, as one log, each line with its time. */
  async mergedLog(): Promise<string> {
    const args = ["logs", "--no-color", "--timestamps"];
    const { stdout } = await run("docker", ["compose", ...this.#files, ...args], LOG_IN_MEMORY);
    return stdout;
  }

  async close(): Promise<void> {
    await this.#compose("down", "--timeout", "1", "--volumes", "--remove-orphans");
    await Promise.all(this.#followed);
    this.#folder.remove();
  }

  async #compose(...args: string[]): Promise<void> {
    await run("docker", ["compose", ...this.#files, ...args]);
  }

  /** Reads a container's log to its end, then asks how the container ended. */
  async #follow(service: string): Promise<void> {
    const logs = spawn("docker", ["logs", "--follow", service], {
      stdio: ["ignore", "pipe", "pipe"],
    });
    const exit = once(logs, "exit");
    await Promise.all(
      [logs.stdout, logs.stderr].map(async (stream) => this.#readLines(service, stream)),
    );
    await exit;
    const { stdout } = await run("docker", ["wait", service]).catch(() => ({ stdout: "-1" }));
    this.feed.pushExit(service, Number(stdout));
  }

  async #readLines(service: string, stream: Readable): Promise<void> {
    for await (const line of createInterface({ input: stream })) this.feed.pushLine(service, line);
  }
}

/** Puts another program into the server's container. */
function impostorOverride(kind: string): string {
  return `services:
  server:
    entrypoint: ["node", "/impostor.mjs", "${kind}", "12345"]
    command: []
    volumes:
      - ./impostor.mjs:/impostor.mjs:ro
`;
}
