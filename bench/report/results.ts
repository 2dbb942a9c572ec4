import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Machine } from "../measure/machine.ts";
import type { Comparison, Group, Metric, Sample } from "../row.ts";
import { summarise, type Summary } from "./statistics.ts";

/** The results of one row. */
export interface RowResult {
  readonly id: string;
  readonly group: Group;
  readonly title: string;
  readonly against: Readonly<Partial<Record<Comparison, string>>>;
  /** Why the row was not measured on this machine. */
  readonly skipped?: string;
  /** Errors of the rounds that gave no sample. */
  readonly failures: readonly string[];
  readonly samples: readonly Sample[];
}

/** The options that influence the figures. */
export interface RunOptions {
  readonly rounds: number;
  readonly seconds: number;
  readonly warmupSeconds: number;
  readonly batch: number;
}

export interface BenchResults {
  readonly startedAt: Date;
  readonly finishedAt: Date;
  readonly machine: Machine;
  readonly options: RunOptions;
  /** Load average over one minute before and after. */
  readonly load: { readonly before: number; readonly after: number };
  readonly rows: readonly RowResult[];
}

/** A row with what is computed from its samples. */
export interface JudgedRow extends RowResult {
  readonly summary: Readonly<Partial<Record<Metric, Summary>>>;
  /** Its bets per second divided by those of other rows in the same round. */
  readonly ratios: Readonly<Partial<Record<Comparison, Summary>>>;
}

export function judge(rows: readonly RowResult[]): JudgedRow[] {
  const byId = new Map(rows.map((row) => [row.id, row]));
  return rows.map((row) => ({
    ...row,
    summary: summaryOf(row.samples),
    ratios: Object.fromEntries(
      Object.entries(row.against).flatMap(([name, id]) => {
        const ratio = summarise(ratiosByRound(row, byId.get(id)));
        return ratio === undefined ? [] : [[name, ratio]];
      }),
    ),
  }));
}

function summaryOf(samples: readonly Sample[]): Partial<Record<Metric, Summary>> {
  const metrics = new Set(samples.flatMap(({ values }) => Object.keys(values) as Metric[]));
  const summary: Partial<Record<Metric, Summary>> = {};
  for (const metric of metrics) {
    const values = summarise(samples.map(({ values }) => values[metric] ?? Number.NaN));
    if (values !== undefined) summary[metric] = values;
  }
  return summary;
}

/** Compares rows of the same round: they ran within minutes, so other work of the machine slows both. */
function ratiosByRound(row: RowResult, other: RowResult | undefined): number[] {
  return row.samples.map(({ round, values }) => {
    const same = other?.samples.find((sample) => sample.round === round);
    return (values.betsPerSecond ?? Number.NaN) / (same?.values.betsPerSecond ?? Number.NaN);
  });
}

export const FORMAT = "quiniela-bench/1";

/** All results with every sample, as JSON. */
export function resultsJson(results: BenchResults): string {
  const { startedAt, finishedAt, machine, options, load } = results;
  const rows = judge(results.rows);
  const json = {
    format: FORMAT,
    startedAt: startedAt.toISOString(),
    finishedAt: finishedAt.toISOString(),
    machine,
    // Processor time of work that is the same everywhere: look at it first when you compare two files.
    calibration: rows.find(({ group }) => group === "calibration")?.summary ?? null,
    options,
    load,
    rows,
  };
  return `${JSON.stringify(json, short, 1)}\n`;
}

/** Six significant digits: no measurement here is more exact, and these files are committed. */
function short(_key: string, value: unknown): unknown {
  return typeof value === "number" && !Number.isInteger(value)
    ? Number(value.toPrecision(6))
    : value;
}

/** Such as `2026-11-20-1430-amd-epyc-2-cores-node-20.20.2.json`. */
export function resultsFileName({ startedAt, machine }: BenchResults): string {
  const [day = "", time = ""] = startedAt.toISOString().split("T");
  const cpu = machine.cpu
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, "-")
    .replaceAll(/^-|-$/g, "");
  return `${day}-${time.slice(0, 5).replace(":", "")}-${cpu}-${machine.cores}-cores-node-${machine.node.replace("v", "")}.json`;
}

/** @returns the path of the file */
export async function saveResults(dir: string, results: BenchResults): Promise<string> {
  await mkdir(dir, { recursive: true });
  const path = join(dir, resultsFileName(results));
  await writeFile(path, resultsJson(results));
  return path;
}
