import type { Noise } from "./measure/noise.ts";
import type { Stage } from "./stage.ts";

/** One line of the table: a system that is started, loaded, measured and stopped once per round. */
export interface Row {
  /** Such as `central/native/5`; `--only` searches in it. */
  readonly id: string;
  readonly group: Group;
  readonly title: string;
  /** Measured only once, because it takes long or does not vary. */
  readonly once?: boolean;
  /** Ids of the rows that this one is compared with, by the name of the comparison. */
  readonly against?: Readonly<Partial<Record<Comparison, string>>>;
  /** @throws Skipped when it cannot be measured here */
  run(stage: Stage): Promise<Measured>;
}

export type Group =
  | "calibration"
  | "ceilings"
  | "central"
  | "latency"
  | "logging"
  | "peers"
  | "batches"
  | "connections"
  | "job"
  | "sizes";

/** `sink`, `disk`: fractions of a ceiling. `base`: the same without this row's own subject. */
export type Comparison = "sink" | "disk" | "base";

/** What is measured; each name has its unit. */
export type Metric =
  | "betsPerSecond"
  | "batchesPerSecond"
  /** Processor time of the scanner, and of SHA-256 over a batch's lines, on this machine. */
  | "scanNsPerBet"
  | "hashUsPerBatch"
  /** Processor time of the server's process (with its children) per batch. */
  | "cpuUsPerBatch"
  | "clientCpuUsPerBatch"
  | "p50Ms"
  | "p99Ms"
  | "p999Ms"
  | "batchesPerFlush"
  | "rssMaxBytes"
  /** How much files grow, with all that they keep besides bets: docs/performance.md says what. */
  | "diskBytesPerBet"
  | "wireBytesPerBet"
  | "refused"
  | "errors"
  | "syncsPerSecond"
  | "megabytesPerSecond"
  | "connectSeconds"
  | "rssIdleBytes"
  | "firstConnectToLastWinnersMs"
  | "processesMs"
  | "centralCpuMs"
  | "bets"
  | "betsPerSecondSlowest"
  | "betsPerSecondFastest"
  | "rssFirstBytes"
  | "rssLastBytes"
  /** From the start of the process to its report that it listens, with nothing stored. */
  | "startEmptyMs"
  | "restartAfterKillMs"
  | "restartAfterStopMs"
  | "openStoreMs"
  | "drawMs"
  | "publishMs"
  | "winnersMs"
  | "verifyMs";

export type Values = Readonly<Partial<Record<Metric, number>>>;

export interface Measured {
  readonly values: Values;
  /** What the JSON has besides: single reports, slices. */
  readonly detail?: unknown;
  /** Notes below the table, such as why something was refused. */
  readonly notes?: readonly string[];
}

/** A row of one round. */
export interface Sample extends Measured {
  /** The first round is 1. */
  readonly round: number;
  readonly startedAt: string;
  readonly noise: Noise | undefined;
}

/** Thrown when a row cannot be measured on this machine; the message says why. */
export class Skipped extends Error {
  constructor(reason: string) {
    super(reason);
    this.name = "Skipped";
  }
}
