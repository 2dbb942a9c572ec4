import { join } from "node:path";
import { drawDirectory } from "../../src/stores/ledger/draw-directory.ts";
import { cli } from "../paths.ts";
import { longOptions } from "./long-options.ts";
import type { Program, Stage } from "../stage.ts";

export interface CentralOptions {
  /** Agencies of the draw; with more than there are to be, it never takes place. */
  readonly agencies: number;
  /** WARNING, or INFO with the log going there [warning]. */
  readonly log?: "warning" | { readonly infoTo: string; readonly format?: "text" | "json" };
  /** Of an earlier life [a fresh one]. */
  readonly dataDir?: string;
  /** Long options without their dashes. */
  readonly flags?: Readonly<Record<string, string | number>>;
}

/** A central that listens. */
export interface RunningCentral {
  readonly program: Program;
  readonly pid: number;
  readonly port: number;
  readonly dataDir: string;
  /** The draw's folder in it. */
  readonly drawDir: string;
  /** From the start of the process to its word that it listens. */
  readonly startMs: number;
}

const DRAW = "bench";

/** Starts `quiniela central` as its users do: a process of its own, with everything else as it comes. */
export async function startCentral(stage: Stage, options: CentralOptions): Promise<RunningCentral> {
  const { agencies, log = "warning", flags = {} } = options;
  // A folder of its own to run in: without a config.ini, and for its data.
  const cwd = await stage.folder();
  const dataDir = options.dataDir ?? join(cwd, "data");
  const settings = {
    port: 0,
    bind: "127.0.0.1",
    agencies,
    draw: DRAW,
    "data-dir": dataDir,
    "log-level": log === "warning" ? "WARNING" : "INFO",
    "log-format": log === "warning" ? "text" : (log.format ?? "text"),
    // Nobody merges these logs, and the pause is no work.
    "draw-margin": "0s",
    ...flags,
  };
  const startedMs = performance.now();
  const program = stage.startNode(cli, {
    name: "the central",
    args: ["central", ...longOptions(settings)],
    cwd,
    env: cleanEnvironment(),
    stdout: { file: log === "warning" ? join(cwd, "central.log") : log.infoTo },
    channel: true,
  });
  const listening = await program.message("listening");
  return {
    program,
    pid: program.pid,
    port: Number(listening["port"]),
    dataDir,
    drawDir: drawDirectory(dataDir, DRAW),
    startMs: performance.now() - startedMs,
  };
}

/** The environment without what would configure a central or an agency. */
export function cleanEnvironment(): NodeJS.ProcessEnv {
  return Object.fromEntries(
    Object.entries(process.env).filter(
      ([name]) =>
        !/^(SERVER_|CLI_|LOGGING_LEVEL$|NOMBRE$|APELLIDO$|DOCUMENTO$|NACIMIENTO$|NUMERO$)/.test(
          name,
        ),
    ),
  );
}

export { DRAW as BENCH_DRAW };
