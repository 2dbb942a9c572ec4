import type { Clock } from "../clock.ts";
import type { BenchProgress } from "./progress.ts";

/** How long the load goes on. */
export type Extent =
  /** For a time that is measured, after one that is not. */
  | { readonly kind: "time"; readonly durationMs: number; readonly warmupMs: number }
  /** So many bets, over all connections, all of them measured. */
  | { readonly kind: "bets"; readonly bets: number }
  /** Every agency's file once, all of it measured. */
  | { readonly kind: "files" };

export interface BenchOptions {
  readonly host: string;
  readonly port: number;
  /** As agencies name it, an earlier version with the exercise it is of: `native`, `NAME/ej6`. */
  readonly dialect: string;
  /** One for each connection. */
  readonly agencies: readonly number[];
  /** Most bets in a batch; the dialect's largest message is a limit as well. */
  readonly batchBets: number;
  /** Batches that may be unanswered on a connection. */
  readonly window: number;
  /** Batches a second over all connections, answered or not; absent: each as soon as there is room. */
  readonly ratePerSecond?: number | undefined;
  /** With a rate: hit each moment within microseconds, at the price of a core. */
  readonly spin: boolean;
  readonly extent: Extent;
  /** Folder with agency-N.csv for each agency; absent: bets are made up. */
  readonly dataDir?: string | undefined;
  /** Over TLS: a folder with ca.pem, and with certificate and key of each agency; absent: no TLS. */
  readonly tlsDir?: string | undefined;
  /** Of the bets made up. */
  readonly seed: number;
  /** Say at the end that all bets were sent, and wait for the draw, unless nothing is heard meanwhile. */
  readonly done: boolean;
  /** One connection for all messages also where a dialect's clients open one for each. */
  readonly keepConnection: boolean;
  /**
   * A central that says nothing for so long while it owes an answer is given up. So is, that long after
   * the end of the measured time, whatever is not answered by then.
   */
  readonly answerTimeoutMs: number;
  readonly onProgress?: ((progress: BenchProgress) => void) | undefined;
  /**
   * Ends the load early: what was measured so far is reported, and what is on its way has a second to be
   * answered.
   */
  readonly signal?: AbortSignal | undefined;
  readonly clock?: Clock | undefined;
}
