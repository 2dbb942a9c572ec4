import { renderTable } from "../../src/cli/terminal.ts";
import type { Group, Metric } from "../row.ts";
import {
  digits,
  duration,
  type Figure,
  mebibytes,
  middle,
  percent,
  rate,
  spread,
  times,
} from "./figures.ts";
import { type BenchResults, judge, type JudgedRow } from "./results.ts";

interface Column {
  readonly title: string;
  readonly cell: (row: JudgedRow) => string;
}

/** When other programs use more than this share of a core, a figure says little about us. */
const NOISY_CORES = 0.3;

const column = (title: string, metric: Metric, figure: Figure): Column => ({
  title,
  cell: ({ summary }) => middle(summary[metric], figure),
});

const spreadColumn = (title: string, metric: Metric, figure: Figure): Column => ({
  title,
  cell: ({ summary }) => spread(summary[metric], figure),
});

const BETS = spreadColumn("bets/s", "betsPerSecond", rate);
const CPU = spreadColumn("CPU µs/batch", "cpuUsPerBatch", digits);
const CLIENT = column("client µs/batch", "clientCpuUsPerBatch", digits);
const P50 = column("p50", "p50Ms", duration);
const P99 = column("p99", "p99Ms", duration);
/** The columns of every load, without and with the generator's own part. */
const LOAD = [BETS, CPU, P50, P99];
const LOAD_AND_CLIENT = [BETS, CPU, CLIENT, P50, P99];
const DISK = column("disk B/bet", "diskBytesPerBet", digits);
const BATCHES_A_FLUSH = column("batches/flush", "batchesPerFlush", digits);
const RSS = column("RSS max MiB", "rssMaxBytes", mebibytes);

const ratio = (title: string, name: "sink" | "disk" | "base", figure: Figure): Column => ({
  title,
  cell: ({ ratios }) => middle(ratios[name], figure),
});

/** How many times as fast the central is. */
const OURS: Column = {
  title: "ours",
  cell: ({ ratios: { base } }) => (base === undefined ? "" : times(1 / base.median)),
};

/** Refusals, errors and failures, such as `refused 3`: there should be none. */
const TROUBLE: Column = {
  title: "trouble",
  cell: ({ summary: { refused, errors }, failures }) =>
    [
      (refused?.max ?? 0) > 0 ? `refused ${refused?.max}` : "",
      (errors?.max ?? 0) > 0 ? `errors ${errors?.max}` : "",
      failures.length > 0 ? `failed ${failures.length}` : "",
    ]
      .filter((part) => part !== "")
      .join(", "),
};

/** Cores that other programs used during the measurement, in the worst round. */
const OTHERS: Column = {
  title: "others",
  cell: ({ samples }) => {
    const cores = samples.flatMap(({ noise }) =>
      noise === undefined ? [] : [noise.foreignCores + noise.stolenCores],
    );
    if (cores.length === 0) return "";
    const worst = Math.max(...cores);
    return `${worst.toFixed(2)}${worst > NOISY_CORES ? " !" : ""}`;
  },
};

const GROUPS: Readonly<Record<Group, { readonly title: string; readonly columns: Column[] }>> = {
  calibration: {
    title: "The machine itself, by processor time: to be looked at before two runs are compared",
    columns: [
      spreadColumn("scanner ns/bet", "scanNsPerBet", digits),
      spreadColumn("SHA-256 µs/batch", "hashUsPerBatch", digits),
    ],
  },
  ceilings: {
    title: "Ceilings: the network without a store, the disk without a network",
    columns: [
      BETS,
      spreadColumn("syncs/s", "syncsPerSecond", rate),
      column("MB/s", "megabytesPerSecond", digits),
      CPU,
      CLIENT,
      P50,
      P99,
    ],
  },
  central: {
    title: "The central: every field checked, durable before the answer",
    columns: [
      ...LOAD_AND_CLIENT,
      BATCHES_A_FLUSH,
      ratio("of sink", "sink", percent),
      ratio("of disk", "disk", percent),
      ratio("of native", "base", percent),
      RSS,
      column("wire B/bet", "wireBytesPerBet", digits),
      DISK,
    ],
  },
  latency: {
    title: "Answers at a fixed rate (open loop: waiting to be sent counts)",
    columns: [...LOAD, spreadColumn("p99.9", "p999Ms", duration), DISK],
  },
  logging: {
    title: "The same with a log line for each batch",
    columns: [...LOAD, ratio("of WARNING", "base", percent), RSS, DISK],
  },
  peers: {
    title: "Peers at their durable setting, unless it says otherwise; none checks a bet",
    columns: [...LOAD_AND_CLIENT, OURS, RSS, DISK],
  },
  batches: {
    title:
      "Small batches: the central, and in the same shape its peers, durable; none of these checks a bet",
    columns: [...LOAD_AND_CLIENT, BATCHES_A_FLUSH, OURS, RSS, DISK],
  },
  connections: {
    title: "Idle connections beside 100 busy ones",
    columns: [
      ...LOAD,
      ratio("of none idle", "base", percent),
      column("RSS MiB before load", "rssIdleBytes", mebibytes),
      RSS,
      DISK,
      column("to connect, s", "connectSeconds", digits),
    ],
  },
  job: {
    title: "A whole draw, from the first connection to the last winners",
    columns: [
      spreadColumn("first connect to winners", "firstConnectToLastWinnersMs", duration),
      spreadColumn("with starting five processes", "processesMs", duration),
      column("CPU of the central, its start included", "centralCpuMs", duration),
      RSS,
      DISK,
    ],
  },
  sizes: {
    title: "What grows with the bets, and what does not (5 connections, window 32)",
    columns: [
      column("bets/s", "betsPerSecond", rate),
      column("slowest slice", "betsPerSecondSlowest", rate),
      column("fastest", "betsPerSecondFastest", rate),
      column("RSS MiB first slice", "rssFirstBytes", mebibytes),
      column("last", "rssLastBytes", mebibytes),
      DISK,
      column("start empty", "startEmptyMs", duration),
      column("after kill", "restartAfterKillMs", duration),
      column("after stop", "restartAfterStopMs", duration),
      column("store alone", "openStoreMs", duration),
      column("DONE to DRAWN", "drawMs", duration),
      column("bets.csv", "publishMs", duration),
      column("winners", "winnersMs", duration),
      column("verify", "verifyMs", duration),
    ],
  },
};

/** The whole run as text: the machine, then a table for each group. */
export function renderResults(results: BenchResults): string {
  const rows = judge(results.rows);
  const groups = (Object.keys(GROUPS) as Group[]).map((group) =>
    renderGroup(
      group,
      rows.filter((row) => row.group === group),
    ),
  );
  return [heading(results), ...groups, ...footnotes(rows)]
    .filter((text) => text !== "")
    .join("\n\n");
}

function heading({ machine, options, load, startedAt, finishedAt }: BenchResults): string {
  const { cpu, cores, memoryBytes, kernel, disk, node, commit } = machine;
  const gigabytes = Math.round(memoryBytes / 1024 ** 3);
  const cache = disk.writeCache === "" ? "" : `, ${disk.writeCache}`;
  const minutes = (finishedAt.getTime() - startedAt.getTime()) / 60_000;
  return [
    `${cpu}, ${cores} cores, ${gigabytes} GiB, ${kernel}, ${disk.fileSystem} on ${disk.device}${cache}`,
    `Node ${node}, commit ${commit === "" ? "unknown" : commit}`,
    `${options.rounds} rounds of ${options.seconds} s, batches of ${options.batch} bets where a row does not say otherwise; median [min..max]; ${digits(minutes)} minutes`,
    `load ${load.before.toFixed(2)} before, ${load.after.toFixed(2)} after; "others": cores used by other programs, worst round`,
  ].join("\n");
}

function renderGroup(group: Group, rows: readonly JudgedRow[]): string {
  const measured = rows.filter(({ samples, failures }) => samples.length + failures.length > 0);
  if (measured.length === 0) return "";
  const { title, columns } = GROUPS[group];
  // A column that is empty in this run is left out.
  const shown = [...columns, TROUBLE, OTHERS].filter(({ cell }) =>
    measured.some((row) => cell(row) !== ""),
  );
  return [
    title,
    renderTable(
      [{ title: "" }, ...shown.map(({ title }) => ({ title, align: "right" as const }))],
      measured.map((row) => [row.title, ...shown.map(({ cell }) => cell(row))]),
    ),
  ].join("\n");
}

function footnotes(rows: readonly JudgedRow[]): string[] {
  const skipped = rows.flatMap(({ title, skipped }) =>
    skipped === undefined ? [] : [`not measured: ${title}: ${skipped}`],
  );
  const failed = rows.flatMap(({ title, failures }) =>
    failures.map((failure) => `failed: ${title}: ${failure}`),
  );
  const noted = rows.flatMap(({ title, samples }) =>
    [...new Set(samples.flatMap(({ notes = [] }) => notes))].map((note) => `${title}: ${note}`),
  );
  return [[...skipped, ...failed, ...noted].join("\n")];
}
