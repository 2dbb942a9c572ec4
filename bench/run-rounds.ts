import { setTimeout } from "node:timers/promises";
import { type Noise, watchNoise } from "./measure/noise.ts";
import type { RowResult } from "./report/results.ts";
import { type Row, type Sample, Skipped } from "./row.ts";
import type { Stage } from "./stage.ts";

export interface Rounds {
  readonly rows: readonly Row[];
  readonly rounds: number;
  /** How long to wait for a calm machine before each measurement; 0 for no wait. */
  readonly calmSeconds: number;
  readonly newStage: () => Stage;
  readonly signal: AbortSignal;
  readonly onEvent: (event: RoundEvent) => void;
}

export type RoundEvent = {
  readonly row: Row;
  /** Number of this step, from 1 to `steps`. */
  readonly step: number;
  readonly steps: number;
} & (
  | { readonly kind: "begin" }
  | { readonly kind: "sample"; readonly sample: Sample }
  | { readonly kind: "skipped" | "failed"; readonly reason: string }
);

/**
 * Measures every row once in each round, so that other work of the machine influences all rows. A failure of
 * a row is reported, and the others go on.
 *
 * @throws the signal's reason when it aborts
 */
export async function runRounds(run: Rounds): Promise<RowResult[]> {
  const { rows, rounds, signal, onEvent } = run;
  const results = new Map<Row, { skipped?: string; failures: string[]; samples: Sample[] }>(
    rows.map((row) => [row, { failures: [], samples: [] }]),
  );
  const steps = planSteps(rows, rounds);
  for (const [index, { row, round }] of steps.entries()) {
    const result = results.get(row);
    if (result === undefined || result.skipped !== undefined) continue;
    const at = { row, step: index + 1, steps: steps.length };
    if (run.calmSeconds > 0) await untilCalm(run.calmSeconds, signal);
    onEvent({ kind: "begin", ...at });
    try {
      const sample = await measure(row, round, run.newStage());
      result.samples.push(sample);
      onEvent({ kind: "sample", sample, ...at });
    } catch (error) {
      signal.throwIfAborted();
      const reason = error instanceof Error ? error.message : String(error);
      if (error instanceof Skipped) result.skipped = reason;
      else result.failures.push(reason);
      onEvent({ kind: error instanceof Skipped ? "skipped" : "failed", reason, ...at });
    }
  }
  return rows.map((row) => {
    const { id, group, title, against = {} } = row;
    return { id, group, title, against, failures: [], samples: [], ...results.get(row) };
  });
}

/** The order of the measurements: rows that are measured once come after all rounds. */
function planSteps(
  rows: readonly Row[],
  rounds: number,
): { readonly row: Row; readonly round: number }[] {
  const repeated = rows.filter(({ once }) => once !== true);
  const single = rows.filter(({ once }) => once === true);
  return [
    ...Array.from({ length: rounds }, (_, index) =>
      repeated.map((row) => ({ row, round: index + 1 })),
    ).flat(),
    ...single.map((row) => ({ row, round: 1 })),
  ];
}

async function measure(row: Row, round: number, stage: Stage): Promise<Sample> {
  const startedAt = new Date().toISOString();
  const endNoise = watchNoise();
  try {
    const measured = await row.run(stage);
    return { round, startedAt, noise: endNoise(), ...measured };
  } finally {
    await stage.close();
  }
}

const CALM_CORES = 0.3;
const LOOK_MS = 500;

async function untilCalm(seconds: number, signal: AbortSignal): Promise<void> {
  for (const endMs = performance.now() + seconds * 1000; performance.now() < endMs; ) {
    const endNoise = watchNoise();
    await setTimeout(LOOK_MS, undefined, { signal });
    const noise: Noise | undefined = endNoise();
    if (noise === undefined || noise.foreignCores < CALM_CORES) return;
  }
}
