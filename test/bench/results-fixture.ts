import type { BenchResults, RowResult } from "../../bench/report/results.ts";
import type { Sample, Values } from "../../bench/row.ts";

export function sampleOf(round: number, values: Values): Sample {
  return {
    round,
    startedAt: "2026-11-20T14:30:00.000Z",
    noise: {
      seconds: 3,
      ownCores: 1.9,
      foreignCores: round === 2 ? 0.5 : 0,
      stolenCores: 0,
      loadBefore: 1,
      loadAfter: 2,
    },
    values,
  };
}

/** A row with one sample for each of these speeds, from round 1 on. */
export function rowOf(
  id: string,
  speeds: readonly number[],
  changes: Partial<RowResult> = {},
): RowResult {
  return {
    id,
    group: "central",
    title: id,
    against: {},
    failures: [],
    samples: speeds.map((betsPerSecond, index) => sampleOf(index + 1, { betsPerSecond })),
    ...changes,
  };
}

export function resultsOf(rows: readonly RowResult[]): BenchResults {
  return {
    startedAt: new Date("2026-11-20T14:30:00Z"),
    finishedAt: new Date("2026-11-20T14:42:00Z"),
    machine: {
      cpu: "AMD EPYC (tm)",
      cores: 2,
      memoryBytes: 24 * 1024 ** 3,
      kernel: "Linux 6.1",
      disk: { device: "/dev/vda", fileSystem: "ext4", options: "rw", writeCache: "write back" },
      node: "v20.20.2",
      commit: "0123456789abcdef",
    },
    options: { rounds: 3, seconds: 3, warmupSeconds: 1, batch: 100 },
    load: { before: 0.5, after: 2.5 },
    rows,
  };
}
