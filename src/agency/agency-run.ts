import type { AgencyConfig } from "../config/agency-config.ts";
import type { Logger } from "../log/logger.ts";
import type { AgencyId } from "../lottery/bet.ts";
import type { CalendarDay } from "../lottery/calendar-day.ts";
import type { AgencyDialer, Connect, LinkError } from "../protocols/agency-link.ts";
import type { AgencyError } from "./agency-error.ts";
import type { OpenData } from "./data-file.ts";
import type { WinnersSink } from "./winners-sink.ts";

/** What every mode runs with: its configuration, and the world behind ports. */
export interface AgencyRun {
  readonly config: AgencyConfig;
  readonly logger: Logger;
  /** Aborts the run at any moment. */
  readonly signal: AbortSignal;
  readonly connect: Connect;
  /** From 0 to below 1. */
  readonly random: () => number;
  /** Rejects when the signal aborts. */
  readonly sleep: (delayMs: number, signal: AbortSignal) => Promise<void>;
  /** Milliseconds of a clock that never goes back; only differences count. */
  readonly now: () => number;
}

/** What the modes that send bets run with. */
export interface BetRun extends AgencyRun {
  readonly agency: AgencyId;
  readonly dialer: AgencyDialer;
  readonly today: () => CalendarDay;
  readonly openData: OpenData;
  /** Gets the winners, besides the log. */
  readonly winners: WinnersSink | undefined;
  readonly onProgress: (progress: AgencyProgress) => void;
}

export type AgencyPhase =
  | "connecting"
  /** The agency was done before: its file is compared with what the central holds. */
  | "comparing"
  | "sending"
  /** Every batch is answered, and the agency says that it is done. */
  | "closing"
  | "awaiting-draw"
  | "finished";

export interface AgencyProgress {
  readonly phase: AgencyPhase;
  /** Bets that the central holds of this agency, those of earlier runs too. */
  readonly bets: number;
  /** Bets of the file, once it is known. */
  readonly betsTotal: number | undefined;
  readonly batches: number;
  /** Bytes read from the file so far: ahead of `bets` by what is on its way. */
  readonly bytesRead: number;
  /** Size of the file; 0 while it is not open. */
  readonly fileBytes: number;
}

/** What a run that was stopped was not told by the central. */
export type Missing =
  /** That every bet of the file is stored. */
  | "bets"
  /** That the agency counts as done. */
  | "done"
  /** Who won. */
  | "winners"
  /** That the single bet is stored. */
  | "bet"
  /** The answers to the echo's messages. */
  | "answers";

/** How a run ended. Only "failed" is a failure: "stopped" means that the signal asked for it. */
export interface AgencyOutcome {
  readonly kind: "success" | "stopped" | "failed";
  /** Why it failed; set if and only if `kind` is "failed". */
  readonly error: AgencyError | LinkError | undefined;
  /** Empty unless `kind` is "stopped". */
  readonly missing: readonly Missing[];
  /** Bets that the central holds of this agency, those of earlier runs too. */
  readonly bets: number;
  readonly batches: number;
  /** Winning documents; undefined unless the results arrived. */
  readonly winners: readonly string[] | undefined;
}
