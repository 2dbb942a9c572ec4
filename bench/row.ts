import type { Noise } from "./measure/noise.ts";
import type { Stage } from "./stage.ts";

/** One line of the table: something that is started, loaded, measured and stopped, once a round. */
export interface Row {
  /** As `central/native/5`; `--only` looks in it. */
  readonly id: string;
  readonly group: Group;
  readonly title: string;
  /** Measured in the first round only: what takes long, or does not vary. */
  readonly once?: boolean;
  /** Rows of the same round that this one is compared with, by what the comparison is called. */
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

/** `sink`, `disk`: fractions of a ceiling. `base`: the same without what this row is about. */
export type Comparison = "sink" | "disk" | "base";

/** What is measured; each name carries its unit. */
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
  /** What files grow by, with all that is kept beside the bets: docs/performance.md says which. */
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
  /** From the start of the process to its word that it listens, with nothing stored. */
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
  /** What the JSON keeps beside that: single reports, slices. */
  readonly detail?: unknown;
  /** What is to be told below the table: that something was refused, and why. */
  readonly notes?: readonly string[];
}

/** A row of one round. */
export interface Sample extends Measured {
  /** From 1. */
  readonly round: number;
  readonly startedAt: string;
  readonly noise: Noise | undefined;
}

/** A row cannot be measured on this machine; the message says why. */
export class Skipped extends Error {
  constructor(reason: string) {
    super(reason);
    this.name = "Skipped";
  }
}
