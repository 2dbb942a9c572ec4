import type { Logger } from "../log/logger.ts";
import { EXIT_INTERRUPTED, EXIT_SUCCESS } from "./exit-status.ts";
import { StopRequested, type StopSignal } from "./stop-requested.ts";
import { stopWithParent } from "./supervision.ts";

// This module is loaded before everything else, so that signals are handled from the first moment on: it must
// import only small modules.

const STOP_SIGNALS: readonly StopSignal[] = ["SIGTERM", "SIGINT"];

/** The part of `process` that this module needs. */
export interface SignalSource {
  on(signal: NodeJS.Signals, listener: (signal: NodeJS.Signals) => void): unknown;
  readonly execArgv: readonly string[];
  readonly env: Readonly<Record<string, string | undefined>>;
  exit(status: number): void;
}

/** The signals to this process. */
export interface Signals {
  /** Aborts at the first request to stop, with a {@link StopRequested}; later ones change nothing. */
  readonly stop: AbortSignal;
  /**
   * Logs every signal from now on, and those that came before. Until then a request to stop ends the process
   * at once, with the status of a stop: so call this before anything is opened.
   */
  logTo(logger: Logger): void;
  /** Has SIGHUP call this from now on [it changes nothing]. */
  onReload(reload: () => void): void;
}

/**
 * Installs the signal handlers. A central or an agency stops in order at SIGTERM and SIGINT, and needs no
 * terminal: SIGHUP has a central read again by what it judges its peers, and changes nothing otherwise. Other commands have their own handlers, or those of the system. At
 * SIGUSR1 no command opens Node's debugger, unless Node was started with `--inspect`.
 *
 * The handlers stay until the process ends: a second signal must not end it before it has finished.
 */
export function heedSignals(
  commandLine: readonly string[],
  source: SignalSource = process,
): Signals {
  const service = serviceOf(commandLine);
  const stopping = new AbortController();
  const early: NodeJS.Signals[] = [];
  let logger: Logger | undefined;
  let reload: (() => void) | undefined;
  const received = { action: "receive_signal", result: "success" } as const;
  const ignore = (signal: NodeJS.Signals): void => {
    if (logger === undefined) early.push(signal);
    else logger.log("info", { ...received, signal, effect: "none" });
  };
  const stop = (signal: StopSignal | undefined): void => {
    // Nothing is open yet, and there is no log: end at once instead of loading the rest.
    if (logger === undefined) {
      // The status is the same as later: an interrupted agency has not done its work.
      source.exit(service === "agency" && signal === "SIGINT" ? EXIT_INTERRUPTED : EXIT_SUCCESS);
    }
    if (signal !== undefined) logger?.log("info", { ...received, signal });
    if (!stopping.signal.aborted) stopping.abort(new StopRequested(signal));
  };

  if (service !== undefined) {
    for (const signal of STOP_SIGNALS) {
      source.on(signal, () => stop(signal));
    }
    source.on("SIGHUP", (signal) => {
      if (reload === undefined) {
        ignore(signal);
        return;
      }
      logger?.log("info", { ...received, signal, effect: "reload" });
      reload();
    });
    stopWithParent(() => stop(undefined));
  }
  if (!asksForDebugger(source)) source.on("SIGUSR1", ignore);
  return {
    stop: stopping.signal,
    logTo(target) {
      logger = target;
      for (const signal of early.splice(0)) ignore(signal);
    },
    onReload(callback) {
      reload = callback;
    },
  };
}

/** The command that runs until it has finished or is stopped; an agency's file check ends by itself. */
function serviceOf([command, ...options]: readonly string[]): "central" | "agency" | undefined {
  if (command === "central") return command;
  return command === "agency" && !options.includes("--check") ? command : undefined;
}

function asksForDebugger({ execArgv, env }: SignalSource): boolean {
  return [...execArgv, env["NODE_OPTIONS"] ?? ""].some((options) => options.includes("--inspect"));
}
