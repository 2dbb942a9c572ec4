import { EventEmitter, once } from "node:events";
import { mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { plural } from "../../lottery/plural.ts";
import { CommandFailure } from "../exit-status.ts";
import type { Progress } from "../progress.ts";
import { formatCount } from "../numbers.ts";
import type { Report } from "../supervision.ts";
import { type Child, startChild } from "./child.ts";

export interface DemoOptions {
  readonly agencies: number;
  /** Folder with `agency-1.csv` to `agency-N.csv`. */
  readonly data: string;
  /** The first agency speaks the first dialect, and so on, again from the first after the last. */
  readonly dialects: readonly string[];
  /** New folder for the ledger and the logs. */
  readonly dir: string;
  readonly winningNumber: number;
  readonly progress: Progress;
  /** Aborts the demo: every program is stopped. */
  readonly signal: AbortSignal;
}

export interface DemoAgency {
  readonly agency: number;
  readonly dialect: string;
  readonly bets: number;
  readonly batches: number;
  /** Winning documents. */
  readonly winners: readonly string[];
}

export interface DemoResult {
  readonly agencies: readonly DemoAgency[];
  readonly dataDir: string;
  /** From the start of the first agency to the end of the last, in milliseconds. */
  readonly elapsedMs: number;
}

/**
 * A whole lottery with real processes: one central, N agencies, one draw.
 *
 * @throws CommandFailure naming the program that failed and what it logged last; the signal's reason
 */
export async function runDemo(options: DemoOptions): Promise<DemoResult> {
  const { signal } = options;
  signal.throwIfAborted();
  mkdirSync(options.dir, { recursive: true });
  const dataDir = join(options.dir, "data");
  const children: Child[] = [];
  const stopAll = (): void => {
    for (const child of children) child.stop();
  };
  signal.addEventListener("abort", stopAll);
  try {
    const central = startCentral(options, dataDir);
    children.push(central.child);
    const port = await Promise.race([central.port, endedTooEarly(central.child)]);
    const startedMs = performance.now();
    const agencies = Array.from({ length: options.agencies }, (_, index) =>
      startAgency(options, index + 1, port),
    );
    children.push(...agencies.map(({ child }) => child));
    // The central ends only when it is stopped: if it ends before the agencies, it has failed.
    const results = await Promise.race([
      Promise.all(agencies.map(async (agency) => agency.result)),
      endedTooEarly(central.child),
    ]);
    const elapsedMs = performance.now() - startedMs;
    // Winners come before bets.csv is written, and a central that is stopped now would not finish it.
    await Promise.race([central.published, endedTooEarly(central.child)]);
    central.child.stop();
    await expectSuccess(central.child);
    return { agencies: results, dataDir, elapsedMs };
  } catch (error) {
    stopAll();
    await Promise.allSettled(children.map(async (child) => child.ended));
    throw error;
  } finally {
    signal.removeEventListener("abort", stopAll);
    options.progress.stop();
  }
}

function startCentral(
  options: DemoOptions,
  dataDir: string,
): { child: Child; port: Promise<number>; published: Promise<unknown> } {
  const reports = new EventEmitter<{ listening: [port: number]; published: [] }>();
  const child = startChild({
    name: "the central",
    command: "central",
    flags: {
      port: 0,
      bind: "127.0.0.1",
      agencies: options.agencies,
      "data-dir": dataDir,
      "winning-number": options.winningNumber,
    },
    cwd: options.dir,
    logFile: join(options.dir, "central.log"),
    onReport: (report) => {
      if (report.kind === "listening") reports.emit("listening", report.port);
      if (report.kind === "published") reports.emit("published");
    },
  });
  return {
    child,
    port: once(reports, "listening").then(([port]) => Number(port)),
    published: once(reports, "published"),
  };
}

function startAgency(
  options: DemoOptions,
  agency: number,
  port: number,
): { child: Child; result: Promise<DemoAgency> } {
  const dialect = options.dialects[(agency - 1) % options.dialects.length] as string;
  const bar = options.progress.add(`agency ${agency}`, 1000);
  let outcome: Extract<Report, { kind: "outcome" }> | undefined;
  const child = startChild({
    name: `agency ${agency}`,
    command: "agency",
    flags: {
      id: agency,
      server: `127.0.0.1:${port}`,
      data: join(options.data, `agency-${agency}.csv`),
      dialect,
    },
    cwd: options.dir,
    logFile: join(options.dir, `agency-${agency}.log`),
    onReport: (report) => {
      if (report.kind === "progress")
        bar.update(report.fraction * 1000, plural(report.bets, "bet", formatCount));
      if (report.kind === "outcome") {
        outcome = report;
        bar.update(1000, plural(report.bets, "bet", formatCount));
      }
    },
  });
  const result = (async (): Promise<DemoAgency> => {
    await expectSuccess(child);
    if (outcome?.winners === undefined) throw failure(child, "ended without its winners");
    const { bets, batches, winners } = outcome;
    return { agency, dialect, bets, batches, winners };
  })();
  return { child, result };
}

async function expectSuccess(child: Child): Promise<void> {
  const status = await child.ended;
  if (status !== 0) throw failure(child, `ended with ${status}`);
}

async function endedTooEarly(child: Child): Promise<never> {
  const status = await child.ended;
  throw failure(child, `ended too early, with ${status}`);
}

const LAST_LINES = 5;

function failure(child: Child, what: string): CommandFailure {
  const last = readFileSync(child.logFile, "utf8").trimEnd().split("\n").slice(-LAST_LINES);
  return new CommandFailure(
    `Cannot finish the demo: ${child.name} ${what}; its log is ${child.logFile} and ends so:\n${last.map((line) => `  ${line}`).join("\n")}`,
  );
}

const STOP_SIGNALS = ["SIGINT", "SIGTERM", "SIGHUP"] as const;

/** Aborts when this process is asked to stop. */
export function abortOnSignals(): { signal: AbortSignal; release: () => void } {
  const controller = new AbortController();
  const abort = (): void => controller.abort();
  // Later signals change nothing: the programs are being stopped already.
  for (const name of STOP_SIGNALS) process.on(name, abort);
  return {
    signal: controller.signal,
    release: () => {
      for (const name of STOP_SIGNALS) process.off(name, abort);
    },
  };
}
