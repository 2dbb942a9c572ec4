import { type ChildProcess, spawn } from "node:child_process";
import { openSync, closeSync } from "node:fs";
import { isReport, type Report } from "../supervision.ts";

/** One program of the demo, in its own process. */
export interface Child {
  readonly name: string;
  readonly logFile: string;
  /** Resolves with the exit status, or the signal that ended it. */
  readonly ended: Promise<number | NodeJS.Signals>;
  stop(): void;
}

/**
 * Starts `quiniela <command>` with its log in a file and its reports on the channel between processes.
 *
 * @param cwd must have no configuration file: the demo's options are the whole configuration
 */
export function startChild(options: {
  name: string;
  command: "central" | "agency";
  /** Long options without their dashes. */
  flags: Readonly<Record<string, string | number>>;
  cwd: string;
  logFile: string;
  onReport: (report: Report) => void;
}): Child {
  const args = Object.entries(options.flags).flatMap(([name, value]) => [`--${name}`, `${value}`]);
  const log = openSync(options.logFile, "a");
  const child: ChildProcess = spawn(
    process.execPath,
    [process.argv[1] as string, options.command, ...args],
    { cwd: options.cwd, env: cleanEnvironment(), stdio: ["ignore", log, log, "ipc"] },
  );
  closeSync(log);
  child.on("message", (message) => {
    if (isReport(message)) options.onReport(message);
  });
  return {
    name: options.name,
    logFile: options.logFile,
    ended: new Promise((resolve, reject) => {
      child.once("error", reject);
      child.once("exit", (status, signal) => resolve(status ?? signal ?? 1));
    }),
    stop: () => child.kill("SIGTERM"),
  };
}

const BET_VARIABLES = ["NOMBRE", "APELLIDO", "DOCUMENTO", "NACIMIENTO", "NUMERO"];

/** The environment without the variables that configure a central or an agency. */
function cleanEnvironment(): NodeJS.ProcessEnv {
  return Object.fromEntries(
    Object.entries(process.env).filter(
      ([name]) =>
        !name.startsWith("SERVER_") &&
        !name.startsWith("CLI_") &&
        name !== "LOGGING_LEVEL" &&
        !BET_VARIABLES.includes(name),
    ),
  );
}
