import type { Extent } from "./options.ts";
import type { LatencySummary } from "./histogram.ts";

/** What a run has measured. Unless said otherwise, in the measured time only. */
export interface BenchReport {
  readonly dialect: string;
  readonly host: string;
  readonly port: number;
  readonly connections: number;
  /** Every batch had a connection of its own, and its latency has the connecting in it. */
  readonly connectionPerMessage: boolean;
  /** Most bets in a batch. */
  readonly batchBets: number;
  readonly window: number;
  readonly mode: "closed" | "open";
  /** Batches a second that were asked for, in mode `open`. */
  readonly targetRate: number | null;
  readonly extent: Extent["kind"];
  /** Of bets made up; null for those of files. */
  readonly seed: number | null;
  readonly seconds: number;
  /** Batches and bets that the central has confirmed. */
  readonly batches: number;
  readonly bets: number;
  readonly betsPerSecond: number;
  readonly batchesPerSecond: number;
  /** Bytes of all messages, without what TCP adds. */
  readonly wireBytesOut: number;
  readonly wireBytesIn: number;
  /** In the whole run: batches that the central said no to, and the first reason. */
  readonly refused: number;
  readonly firstRefusal: string | null;
  /** In the whole run: connections that went wrong, and how the first one did. */
  readonly errors: number;
  readonly firstError: string | null;
  /**
   * In the whole run: batches without an answer, those included that were due before the end and never
   * found room to leave.
   */
  readonly unanswered: number;
  /**
   * From the moment a batch was due, which in mode `closed` is when it left, to its answer; of one that
   * was never answered, to the moment at which it was given up.
   */
  readonly latencyMs: LatencySummary;
  /**
   * How late the generator itself was, in mode `open`: that much of the latencies at most is its own.
   * Its timers have a grain of a millisecond, unless it spins.
   */
  readonly lateMs: Pick<LatencySummary, "p50" | "p99" | "max"> | null;
  /** Bets confirmed in each second, the first one first; the last one may not be a whole second. */
  readonly betsBySecond: readonly number[];
  /** What the load generator itself has used, and how much of it outside of the kernel. */
  readonly client: {
    readonly cpuSeconds: number;
    readonly cpuUsPerBatch: number;
    readonly userUsPerBatch: number;
  };
  /** Confirmed in the whole run, also before the measured time and after it. */
  readonly total: { readonly batches: number; readonly bets: number };
  /** The draw, if it was waited for. */
  readonly draw: {
    readonly winners: number;
    /** From the first connection to the last agency's winners. */
    readonly secondsFromConnect: number;
    /** From the last batch's answer to the last agency's winners. */
    readonly secondsFromLastBatch: number;
  } | null;
  readonly node: string;
}

/** Whether everything that was sent was answered, and nothing refused. */
export function isClean({ refused, errors, unanswered }: BenchReport): boolean {
  return refused === 0 && errors === 0 && unanswered === 0;
}
