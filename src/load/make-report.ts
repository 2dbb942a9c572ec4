import type { BenchOptions } from "./options.ts";
import type { OpenLoop } from "./open-loop.ts";
import type { Plan } from "./plan.ts";
import type { Recorder, Snapshot } from "./recorder.ts";
import type { BenchReport } from "./report.ts";

export interface Measured {
  readonly options: BenchOptions;
  readonly plan: Plan;
  readonly recorder: Recorder;
  /** Where the measured time begins and ends. */
  readonly begin: Snapshot;
  readonly end: Snapshot;
  readonly betsBySecond: readonly number[];
  readonly openLoop: OpenLoop | undefined;
  readonly draw: BenchReport["draw"];
}

export function makeReport(measured: Measured): BenchReport {
  const { options, recorder, begin, end, openLoop } = measured;
  const seconds = (end.nowMs - begin.nowMs) / 1000;
  const batches = end.batches - begin.batches;
  const bets = end.bets - begin.bets;
  const userMicros = end.userMicros - begin.userMicros;
  const cpuMicros = userMicros + end.systemMicros - begin.systemMicros;
  return {
    dialect: options.dialect,
    host: options.host,
    port: options.port,
    connections: options.agencies.length,
    connectionPerMessage: measured.plan.connectionPerMessage,
    batchBets: options.batchBets,
    window: options.window,
    mode: openLoop === undefined ? "closed" : "open",
    targetRate: options.ratePerSecond ?? null,
    extent: options.extent.kind,
    seed: options.dataDir === undefined ? options.seed : null,
    seconds,
    batches,
    bets,
    betsPerSecond: per(bets, seconds),
    batchesPerSecond: per(batches, seconds),
    wireBytesOut: end.bytesOut - begin.bytesOut,
    wireBytesIn: end.bytesIn - begin.bytesIn,
    refused: recorder.refused,
    firstRefusal: recorder.firstRefusal ?? null,
    errors: recorder.errors,
    firstError: recorder.firstError ?? null,
    unanswered: recorder.unanswered,
    latencyMs: recorder.histogram.summary(),
    lateMs: openLoop === undefined ? null : latenessOf(openLoop),
    betsBySecond: measured.betsBySecond,
    client: {
      cpuSeconds: cpuMicros / 1e6,
      cpuUsPerBatch: per(cpuMicros, batches),
      userUsPerBatch: per(userMicros, batches),
    },
    total: { batches: recorder.batches, bets: recorder.bets },
    draw: measured.draw,
    node: process.version,
  };
}

function latenessOf({ late }: OpenLoop): NonNullable<BenchReport["lateMs"]> {
  const { p50, p99, max } = late.summary();
  return { p50, p99, max };
}

export function per(amount: number, whole: number): number {
  return whole > 0 ? amount / whole : 0;
}
