import type { AgencyConfig } from "../config/agency-config.ts";
import type { Logger } from "../log/logger.ts";
import type { AgencyId } from "../lottery/bet.ts";
import type { CalendarDay } from "../lottery/calendar-day.ts";
import type { AgencyDialer, Connect, LinkError } from "../protocols/agency-link.ts";
import type { AgencyAccess } from "../identity/agency-access.ts";
import type { AgencyError } from "./agency-error.ts";
import type { OpenData } from "./data-file.ts";
import type { ReceiptBook } from "./receipts-file.ts";
import type { WinnersSink } from "./winners-sink.ts";

/** What every mode needs: its configuration, and the ports to network, time and chance. */
export interface AgencyRun {
  readonly config: AgencyConfig;
  readonly logger: Logger;
  /** Aborts the run at any moment. */
  readonly signal: AbortSignal;
  readonly connect: Connect;
  /** Proves that the agency has its token [it has none]. */
  readonly prove?: AgencyAccess["prove"];
  /** A number from 0 (included) to 1 (excluded). */
  readonly random: () => number;
  /** Rejects when the signal aborts. */
  readonly sleep: (delayMs: number, signal: AbortSignal) => Promise<void>;
  /** Milliseconds of a clock that never goes back; only differences count. */
  readonly now: () => number;
}

/** What the modes that send bets need. */
export interface BetRun extends AgencyRun {
  readonly agency: AgencyId;
  readonly dialer: AgencyDialer;
  readonly today: () => CalendarDay;
  readonly openData: OpenData;
  /** Gets the winners, besides the log. */
  readonly winners: WinnersSink | undefined;
  /** Keeps a receipt of every batch that the central confirms. */
  readonly receipts: ReceiptBook | undefined;
  readonly onProgress: (progress: AgencyProgress) => void;
}

export type AgencyPhase =
  | "connecting"
  /** The agency was done before: its file is compared with what the central holds. */
  | "comparing"
  | "sending"
  /** Every batch is answered, and the agency sends its DONE. */
  | "closing"
  | "awaiting-draw"
  /** The winners are told, and the seal is compared with the receipts. */
  | "checking-seal"
  | "finished";

export interface AgencyProgress {
  readonly phase: AgencyPhase;
  /** Number of this agency's bets that the central holds, with those of earlier runs. */
  readonly bets: number;
  /** Number of bets in the file, once it is known. */
  readonly betsTotal: number | undefined;
  readonly batches: number;
  /** Bytes read from the file so far, with those of batches that are not answered yet. */
  readonly bytesRead: number;
  /** Size of the file in bytes; 0 before it was opened. */
  readonly fileBytes: number;
}

/** What the central had not confirmed or sent when a run was stopped. */
export type Missing =
  /** Every bet of the file is stored. */
  | "bets"
  /** The agency counts as done. */
  | "done"
  /** The agency's winners. */
  | "winners"
  /** With receipts: the seal has the agency's batches. */
  | "seal"
  /** The single bet is stored. */
  | "bet"
  /** The answers to the echo's messages. */
  | "answers";

/** How a run ended. Only "failed" is a failure: "stopped" means that the signal aborted the run. */
export interface AgencyOutcome {
  readonly kind: "success" | "stopped" | "failed";
  /** Why it failed; set if and only if `kind` is "failed". */
  readonly error: AgencyError | LinkError | undefined;
  /** Empty unless `kind` is "stopped". */
  readonly missing: readonly Missing[];
  /** Number of this agency's bets that the central holds, with those of earlier runs. */
  readonly bets: number;
  readonly batches: number;
  /** Winning documents; undefined when no results arrived. */
  readonly winners: readonly string[] | undefined;
}
