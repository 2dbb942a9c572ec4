import { performance } from "node:perf_hooks";
import { setTimeout as delay } from "node:timers/promises";
import type { AgencyConfig } from "../config/agency-config.ts";
import type { AgencyAccess } from "../identity/agency-access.ts";
import type { Logger } from "../log/logger.ts";
import { agencyId } from "../lottery/bet.ts";
import { type CalendarDay, calendarDay } from "../lottery/calendar-day.ts";
import { type AgencyDialer, type Connect, LinkError } from "../protocols/agency-link.ts";
import { AgencyError } from "./agency-error.ts";
import type {
  AgencyOutcome,
  AgencyPhase,
  AgencyProgress,
  AgencyRun,
  BetRun,
  Missing,
} from "./agency-run.ts";
import { connectTo } from "./connect.ts";
import { connectOverTls } from "./connect-tls.ts";
import { type OpenData, openNodeData } from "./data-file.ts";
import type { ReceiptBook } from "./receipts-file.ts";
import { runEchoLoop } from "./run-echo-loop.ts";
import { runFile } from "./run-file.ts";
import { runSingleBet } from "./run-single-bet.ts";
import type { WinnersSink } from "./winners-sink.ts";

export interface RunAgencyOptions {
  readonly config: AgencyConfig;
  /** The dialect's agency side; mode `echo` needs none. */
  readonly dialer?: AgencyDialer | undefined;
  readonly logger: Logger;
  /** Stops the run at any moment and closes everything. */
  readonly signal: AbortSignal;
  /** By what the central is known, and the agency proves who it is, over TLS [no TLS]. */
  readonly access?: AgencyAccess | undefined;
  /** [to the configured address: over TLS with `access`, else TCP alone] */
  readonly connect?: Connect;
  /** [Math.random] */
  readonly random?: () => number;
  /** Rejects when the signal aborts. [timers] */
  readonly sleep?: (delayMs: number, signal: AbortSignal) => Promise<void>;
  /** Milliseconds of a clock that never goes back. [performance.now] */
  readonly now?: () => number;
  /** No birthdate may be later. [today, universal time] */
  readonly today?: () => CalendarDay;
  /** Opens the agency's file. [this computer's] */
  readonly openData?: OpenData;
  /** Gets the winners, besides the log: in mode `file`, in a dialect with a draw. */
  readonly winners?: WinnersSink | undefined;
  /** Keeps a receipt of every confirmed batch: in mode `file`, in a dialect with chain heads. */
  readonly receipts?: ReceiptBook | undefined;
  /** Called for every stored batch and at every change of phase, so it must be cheap. */
  readonly onProgress?: (progress: AgencyProgress) => void;
}

/**
 * Runs an agency in the mode of its configuration until it is finished, fails for good, or is stopped.
 * Everything is closed then. Errors of files, network and central are in the outcome; only mistakes in the
 * program are thrown.
 */
export async function runAgency(options: RunAgencyOptions): Promise<AgencyOutcome> {
  const { config, logger, signal, onProgress } = options;
  const { access } = options;
  const { host, port, answerTimeoutMs: timeoutMs } = config;
  const target = { host, port, timeoutMs };
  const run: AgencyRun = {
    config,
    logger,
    signal,
    connect:
      options.connect ??
      (access === undefined ? connectTo(target) : connectOverTls(target, access)),
    ...(access?.prove === undefined ? {} : { prove: access.prove }),
    random: options.random ?? Math.random,
    sleep: options.sleep ?? ((delayMs, signal) => delay(delayMs, undefined, { signal })),
    now: options.now ?? (() => performance.now()),
  };
  let stored = { bets: 0, batches: 0 };
  let phase: AgencyPhase = "connecting";
  const outcome = (
    kind: AgencyOutcome["kind"],
    details: Partial<Pick<AgencyOutcome, "error" | "winners" | "missing">> = {},
  ): AgencyOutcome => ({ kind, ...stored, ...NOTHING_MORE, ...details });
  try {
    // In the open, everybody on the way could read the bets, and change them.
    if (config.tls !== undefined && access === undefined && options.connect === undefined) {
      missing("access, since tls.ca is set");
    }
    if (config.mode === "echo") {
      await runEchoLoop(run);
      return outcome("success");
    }
    const betRun = withBets(run, options, (progress) => {
      stored = { bets: progress.bets, batches: progress.batches };
      ({ phase } = progress);
      onProgress?.(progress);
    });
    if (config.mode === "bet") {
      await runSingleBet(betRun, config.bet ?? missing("a bet (NOMBRE … NUMERO) for mode bet"));
      return outcome("success");
    }
    const { winners, failure } = await runFile(betRun);
    return failure === undefined
      ? outcome("success", { winners })
      : outcome("failed", { winners, error: failure });
  } catch (error) {
    if (signal.aborted) return outcome("stopped", { missing: missingIn(options, phase) });
    if (error instanceof AgencyError || error instanceof LinkError) {
      return outcome("failed", { error });
    }
    throw error;
  }
}

const NOTHING_MORE = { error: undefined, missing: [], winners: undefined } as const;

/** What is missing when a run is stopped in this phase. */
function missingIn({ config, dialer }: RunAgencyOptions, phase: AgencyPhase): readonly Missing[] {
  if (config.mode === "echo") return ["answers"];
  if (config.mode === "bet") return ["bet"];
  const missing = MISSING[phase];
  return dialer?.drawless === true ? missing.filter((what) => what === "bets") : missing;
}

const MISSING: Readonly<Record<AgencyPhase, readonly Missing[]>> = {
  connecting: ["bets", "done", "winners"],
  comparing: ["bets", "winners"],
  sending: ["bets", "done", "winners"],
  closing: ["done", "winners"],
  "awaiting-draw": ["winners"],
  "checking-seal": ["seal"],
  finished: [],
};

function withBets(
  run: AgencyRun,
  { dialer, today, openData, winners, receipts }: RunAgencyOptions,
  onProgress: BetRun["onProgress"],
): BetRun {
  const { id, dialect } = run.config;
  return {
    ...run,
    agency: agencyId(Number(id)) ?? missing(`an id that is a number from 1 (it is ${id})`),
    dialer: dialer ?? missing(`a dialect that takes bets (${dialect} takes none)`),
    today: today ?? (() => calendarDay(new Date())),
    openData: openData ?? openNodeData,
    winners,
    receipts,
    onProgress,
  };
}

function missing(what: string): never {
  throw new AgencyError("AGENCY_MISCONFIGURED", `Cannot run the agency: it needs ${what}`);
}
