import { join } from "node:path";
import { drawDirectory } from "../../src/stores/ledger/draw-directory.ts";
import { cli } from "../paths.ts";
import { longOptions } from "./long-options.ts";
import type { Program, Stage } from "../stage.ts";

export interface CentralOptions {
  /** Agencies of the draw. With more than the load has, there is no draw. */
  readonly agencies: number;
  /** Log level WARNING, or INFO with a log at this path [warning]. */
  readonly log?: "warning" | { readonly infoTo: string; readonly format?: "text" | "json" };
  /** The data folder of an earlier process [a new one]. */
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
  /** From the start of the process to its report that it listens, in milliseconds. */
  readonly startMs: number;
}

const DRAW = "bench";

/** Starts `quiniela central` as its users do: in its own process, with defaults for all other settings. */
export async function startCentral(stage: Stage, options: CentralOptions): Promise<RunningCentral> {
  const { agencies, log = "warning", flags = {} } = options;
  // Its working folder is new: it has no config.ini, and gets the data.
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
    // These logs are not merged, and the pause would be measured although it is no work.
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

/** The environment without the variables that configure a central or an agency. */
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
