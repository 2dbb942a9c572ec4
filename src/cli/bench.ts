import { resolve } from "node:path";
import { Command, InvalidArgumentError } from "commander";
import { AgencyError } from "../agency/agency-error.ts";
import { BenchError } from "../load/bench-error.ts";
import { DRIVERS } from "../load/drivers/drivers.ts";
import type { BenchOptions, Extent } from "../load/options.ts";
import { type BenchReport, isClean } from "../load/report.ts";
import { runBench } from "../load/run-bench.ts";
import { parseGoDuration } from "../config/go-duration.ts";
import { AGENCY_MAX } from "../lottery/bet.ts";
import { plural } from "../lottery/plural.ts";
import { CommandFailure, EXIT_FAILURE, EXIT_SUCCESS, EXIT_USAGE } from "./exit-status.ts";
import { count } from "./option-parsers.ts";
import { createProgress } from "./progress.ts";
import { formatCount } from "./numbers.ts";
import { renderTable } from "./terminal.ts";
import { addExamples } from "./examples.ts";

interface Options {
  readonly host: string;
  readonly port: number;
  readonly dialect: string;
  readonly connections?: number;
  readonly agencies?: readonly number[];
  readonly batch: number;
  readonly window: number;
  readonly rate?: number;
  readonly spin?: true;
  readonly duration?: number;
  readonly bets?: number | "all";
  readonly warmup?: number;
  readonly data?: string;
  readonly tls?: string;
  readonly seed?: number;
  readonly done?: true;
  readonly keepConnection?: true;
  readonly answerTimeout?: number;
  readonly json?: true;
}

const CONNECTIONS_DEFAULT = 5;
const DURATION_DEFAULT_MS = 10_000;
const WARMUP_DEFAULT_MS = 2000;
const ANSWER_TIMEOUT_DEFAULT_MS = 30_000;
/** The status that shells use for a program that SIGINT ended. */
const EXIT_INTERRUPTED = 130;

/** `quiniela bench`: loads a central and reports how fast it answers. */
export function benchCommand(): Command {
  const command = new Command("bench")
    .description(
      "load a central in any dialect, measure how fast it confirms bets; the bets are stored as any others, so load a central whose draw does not matter",
    )
    .option("--host <host>", "where the central is", "127.0.0.1")
    .option("--port <port>", "its port", count({ min: 1, max: 65_535 }), 12_345)
    .option(
      "--dialect <name>",
      `wire language (${[...DRIVERS.keys()].join(", ")})`,
      dialect,
      "native",
    )
    .option(
      "--connections <n>",
      `connections, each an agency of its own (default: ${CONNECTIONS_DEFAULT})`,
      count({ min: 1, max: 50_000 }),
    )
    .option("--agencies <list>", "their agencies, as 1-5,9 (default: from 1 on)", agencyList)
    .option("--batch <bets>", "most bets in a batch", count({ min: 1, max: 65_535 }), 100)
    .option(
      "--window <n>",
      "batches that may be unanswered on a connection; more than 1 only in native",
      count({ min: 1, max: 65_535 }),
      1,
    )
    .option(
      "--rate <n>",
      "open loop: so many batches a second over all connections, and latency from the moment each was due (default: closed loop, each as soon as the one before is answered)",
      rate,
    )
    .option(
      "--spin",
      "with --rate: send within microseconds of each moment, at the price of a core",
    )
    .option("--duration <time>", "how long to measure (default: 10s)", duration)
    .option("--warmup <time>", "how long to load before that (default: 2s)", duration)
    .option(
      "--bets <n>",
      "send so many bets in all and measure them all, instead of a time; all: every file of --data once",
      bets,
    )
    .option("--data <dir>", "folder with agency-N.csv (default: bets made up)")
    .option(
      "--tls <dir>",
      "over TLS, with ca.pem, and agency-N.pem and agency-N.key of each agency, from this folder (default: no TLS)",
    )
    .option(
      "--seed <n>",
      "seed of the bets made up (default: another one each time)",
      count({ min: 0 }),
    )
    .option(
      "--done",
      "say at the end that all bets were sent, and wait for the draw, as long as --answer-timeout allows",
    )
    .option(
      "--keep-connection",
      "one connection for everything, also where the dialect opens one for each message",
    )
    .option(
      "--answer-timeout <time>",
      "give up on a central that says nothing for so long, and on what is not answered so long after the end (default: 30s)",
      duration,
    )
    .option("--json", "print the result as JSON")
    .action(bench);
  return addExamples(command, [
    [
      "quiniela central --agencies 5 --data-dir ./bench-draw --log-level WARNING",
      "A central to load, in a folder of its own: the bets of a load are stored as any others",
    ],
    ["quiniela bench --duration 5s", "Five agencies for five seconds, from another shell"],
  ]);
}

async function bench(options: Options): Promise<void> {
  const extent = extentOf(options);
  const agencies = agenciesOf(options);
  const { host, port, dialect, window, seed = Date.now() } = options;
  const progress = showProgress();
  const stopping = new AbortController();
  const stop = (): void => {
    if (stopping.signal.aborted) {
      // The second signal: do not wait for the end of the load.
      progress.stop();
      process.exit(EXIT_INTERRUPTED);
    }
    stopping.abort();
  };
  process.on("SIGINT", stop).on("SIGTERM", stop);
  try {
    const report = await runBench({
      host,
      port,
      dialect,
      agencies,
      batchBets: options.batch,
      window,
      ratePerSecond: options.rate,
      spin: options.spin === true,
      extent,
      dataDir: options.data === undefined ? undefined : resolve(options.data),
      tlsDir: options.tls === undefined ? undefined : resolve(options.tls),
      seed,
      done: options.done === true,
      keepConnection: options.keepConnection === true,
      answerTimeoutMs: options.answerTimeout ?? ANSWER_TIMEOUT_DEFAULT_MS,
      signal: stopping.signal,
      onProgress: progress.show,
    });
    progress.stop();
    if (options.json) console.log(JSON.stringify(report));
    else printReport(report);
    process.exitCode = isClean(report) ? EXIT_SUCCESS : EXIT_FAILURE;
  } catch (error) {
    progress.stop();
    if (error instanceof BenchError) {
      const usage = error.code === "BENCH_INVALID";
      throw new CommandFailure(error.message, usage ? EXIT_USAGE : EXIT_FAILURE);
    }
    if (error instanceof AgencyError) throw new CommandFailure(error.message);
    throw error;
  } finally {
    process.off("SIGINT", stop).off("SIGTERM", stop);
  }
}

function extentOf({ duration, warmup, bets, data }: Options): Extent {
  if (bets === undefined) {
    return {
      kind: "time",
      durationMs: duration ?? DURATION_DEFAULT_MS,
      warmupMs: warmup ?? WARMUP_DEFAULT_MS,
    };
  }
  if (duration !== undefined || warmup !== undefined) {
    throw new CommandFailure(
      "--bets measures all bets: leave --duration and --warmup out",
      EXIT_USAGE,
    );
  }
  if (bets !== "all") return { kind: "bets", bets };
  if (data === undefined) {
    throw new CommandFailure(
      "--bets all is about files: name their folder with --data",
      EXIT_USAGE,
    );
  }
  return { kind: "files" };
}

function agenciesOf({ connections, agencies, bets }: Options): readonly number[] {
  const asked = connections ?? agencies?.length ?? CONNECTIONS_DEFAULT;
  const list = agencies ?? Array.from({ length: asked }, (_, index) => index + 1);
  if (list.length !== asked) {
    throw new CommandFailure(
      `Cannot load ${plural(asked, "connection")}: --agencies names ${list.length}`,
      EXIT_USAGE,
    );
  }
  if (typeof bets === "number" && bets < asked) {
    throw new CommandFailure(
      `Cannot split ${plural(bets, "bet")} over ${plural(asked, "connection")}: each needs at least one`,
      EXIT_USAGE,
    );
  }
  return list;
}

const LABELS = {
  preparing: "making batches",
  connecting: "connecting",
  "warming-up": "warming up",
  measuring: "measuring",
  finishing: "last answers",
  "awaiting-draw": "draw",
} as const;

/** A bar for each phase. */
function showProgress(): {
  readonly show: NonNullable<BenchOptions["onProgress"]>;
  readonly stop: () => void;
} {
  const progress = createProgress();
  const bars = new Map<string, { update(value: number, note?: string): void }>();
  return {
    show({ phase, fraction, betsPerSecond }) {
      const bar = bars.get(phase) ?? progress.add(LABELS[phase].padEnd(14), 1000);
      bars.set(phase, bar);
      const speed = betsPerSecond > 0 ? `${formatCount(Math.round(betsPerSecond))} bets/s` : "";
      bar.update(fraction * 1000, speed);
    },
    stop: () => progress.stop(),
  };
}

function printReport(report: BenchReport): void {
  const { latencyMs, client, draw, targetRate } = report;
  const rows: [string, string][] = [
    ["load", `${report.mode} loop, ${plural(report.connections, "connection", formatCount)}`],
    ["", loadText(report)],
    ["measured", `${report.seconds.toFixed(2)} s`],
    ["bets", `${formatCount(report.bets)} in ${plural(report.batches, "batch", formatCount)}`],
    [
      "throughput",
      `${formatCount(Math.round(report.betsPerSecond))} bets/s, ${formatCount(Math.round(report.batchesPerSecond))} batches/s${targetRate === null ? "" : ` of ${formatCount(targetRate)}`}`,
    ],
    ["wire", `${megabytes(report.wireBytesOut)} out, ${megabytes(report.wireBytesIn)} in`],
    ["latency, ms", latencyText(latencyMs, ["min", "p50", "p90", "p99"])],
    ["", latencyText(latencyMs, ["p999", "max", "mean"])],
    ["own CPU", `${client.cpuSeconds.toFixed(2)} s, ${client.cpuUsPerBatch.toFixed(1)} µs a batch`],
  ];
  if (draw !== null) {
    const { winners, secondsFromConnect, secondsFromLastBatch } = draw;
    rows.push(
      ["draw", plural(winners, "winner", formatCount)],
      ["", `${secondsFromConnect.toFixed(3)} s after the first connect`],
      ["", `${secondsFromLastBatch.toFixed(3)} s after the last batch`],
    );
  }
  rows.push(
    ["refused", withExample(report.refused, report.firstRefusal)],
    ["errors", withExample(report.errors, report.firstError)],
  );
  if (report.unanswered > 0) rows.push(["unanswered", formatCount(report.unanswered)]);
  console.log(renderTable([{ title: report.dialect }, { title: "" }], rows));
}

function loadText(report: BenchReport): string {
  const { batchBets, window, connectionPerMessage } = report;
  const each = connectionPerMessage ? ", a connection for each batch" : "";
  return `batches of ${batchBets}, ${window} outstanding${each}`;
}

function latencyText(
  latencyMs: BenchReport["latencyMs"],
  names: readonly (keyof BenchReport["latencyMs"])[],
): string {
  return names.map((name) => `${name} ${latencyMs[name].toFixed(3)}`).join("  ");
}

function withExample(amount: number, example: string | null): string {
  return example === null ? formatCount(amount) : `${formatCount(amount)}, the first: ${example}`;
}

function megabytes(bytes: number): string {
  return `${(bytes / 1e6).toFixed(1)} MB`;
}

function dialect(text: string): string {
  if (DRIVERS.has(text)) return text;
  throw new InvalidArgumentError(`It is none of: ${[...DRIVERS.keys()].join(", ")}.`);
}

/** Reads a duration as Go writes it. @returns milliseconds */
function duration(text: string): number {
  const nanoseconds = parseGoDuration(text);
  if (nanoseconds === undefined || nanoseconds < 0n) {
    throw new InvalidArgumentError("It must be a duration, as 500ms, 10s or 1m30s.");
  }
  return Number(nanoseconds) / 1e6;
}

function rate(text: string): number {
  const value = Number(text);
  if (/^\d+(\.\d+)?$/.test(text) && value > 0 && value <= 10_000_000) return value;
  throw new InvalidArgumentError("It must be a number of batches a second, more than 0.");
}

function bets(text: string): number | "all" {
  return text === "all" ? "all" : count({ min: 1 })(text);
}

/** Reads a list such as `1-5,9`. */
function agencyList(text: string): number[] {
  const numbers = text.split(",").flatMap((part) => {
    const [, from, to = from] = /^(\d{1,10})(?:-(\d{1,10}))?$/.exec(part.trim()) ?? [];
    const first = Number(from);
    const last = Number(to);
    if (!(first >= 1 && last >= first && last <= AGENCY_MAX && last - first < 50_000)) {
      throw new InvalidArgumentError("It must be a list of agencies' numbers, as 1-5,9.");
    }
    return Array.from({ length: last - first + 1 }, (_, index) => first + index);
  });
  if (new Set(numbers).size === numbers.length) return numbers;
  throw new InvalidArgumentError("It names an agency twice.");
}
