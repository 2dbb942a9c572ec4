import { fileURLToPath } from "node:url";
import { createRandom } from "../../src/generate/random.ts";
import type { AgencyId } from "../../src/lottery/bet.ts";
import { HEAD_BYTES } from "../../src/lottery/chain.ts";
import { CentralProcess } from "../abuse/central-process.ts";
import { SPOKEN } from "../abuse/dialogue.ts";
import type { Descriptors } from "../abuse/process-readings.ts";
import { seed } from "../support/seed.ts";
import { abuse } from "./abusers.ts";
import { assertStopped, assertVerified, holdDraws } from "./draw-cycles.ts";
import { isMemoryReport, type MemoryReport } from "./memory-report.ts";
import type { SoakOptions } from "./options.ts";
import { PacedClient } from "./paced-client.ts";
import { type Sample, Sampler } from "./sampler.ts";
import type { Slope } from "./slope.ts";

/** The progress, for a terminal. */
export interface Progress {
  readonly sample: Sample;
  /** Bets that all centrals have confirmed. */
  readonly bets: number;
  readonly draws: number;
  readonly abuses: number;
}

export interface SoakOutcome {
  readonly seed: number;
  readonly seconds: number;
  /** Confirmed bets: of the watched central, and of the centrals with draws. */
  readonly bets: { readonly watched: number; readonly drawn: number };
  readonly draws: number;
  /** Rounds of abuse of the watched central. */
  readonly abuses: number;
  readonly warmUpSeconds: number;
  /** Bytes a minute of the watched central; undefined if the run is too short. */
  readonly slopes: {
    readonly rss: Slope | undefined;
    readonly heap: Slope | undefined;
    readonly external: Slope | undefined;
  };
  /** The growth that is expected: chain heads of its batches, 32 bytes each. */
  readonly headsBytesPerMinute: number;
  readonly rssBytes: { readonly first: number; readonly last: number; readonly most: number };
  readonly cpu: number;
  readonly descriptors: { readonly base: Descriptors; readonly end: Descriptors };
  /** Everything that was wrong; empty for success. */
  readonly failures: readonly string[];
}

/**
 * The share of bets that the watched central gets: its files stay until the end, those of draws do
 * not.
 */
const WATCHED_SHARE = 0.25;
/** Agencies of the watched central: those that send, and room for the abusers. */
const AGENCIES = 2000;
/** Short, so that many abusers exceed them, but long enough for good agencies on a busy machine. */
const DEADLINES = {
  SERVER_HEADER_TIMEOUT: "5s",
  SERVER_FRAME_TIMEOUT: "5s",
  SERVER_IDLE_TIMEOUT: "10s",
};

/**
 * One central runs all the time, and its draw stays open; meanwhile other centrals hold draws.
 * Agencies of all dialects send at a limited rate, and abusers abuse the first central.
 *
 * @param signal ends it before its time
 */
export async function soak(
  options: SoakOptions,
  signal: AbortSignal,
  onProgress: (progress: Progress) => void,
): Promise<SoakOutcome> {
  const { minutes, betsPerSecond, drawSeconds, warmUpSeconds } = options;
  const failures: string[] = [];
  const bets = { watched: 0, drawn: 0 };
  const counts = { draws: 0, abuses: 0 };
  let report: MemoryReport | undefined;
  const central = await CentralProcess.start({
    settings: { SERVER_AGENCIES: `${AGENCIES}`, LOGGING_LEVEL: "INFO", ...DEADLINES },
    nodeOptions: ["--import", fileURLToPath(new URL("memory-reporter.js", import.meta.url))],
    keepEvents: false,
    onMessage: (message) => {
      if (isMemoryReport(message)) report = message;
    },
  });
  try {
    const base = central.descriptors();
    const stop = new AbortController();
    const timeIsUp = setTimeout(() => stop.abort(), minutes * 60_000);
    signal.addEventListener("abort", () => stop.abort(), { once: true });
    const over = stop.signal;
    // A failure ends the whole soak, because its result is already known.
    const guarded = async (what: string, work: Promise<unknown>): Promise<void> => {
      try {
        await work;
      } catch (error) {
        failures.push(`${what}: ${error instanceof Error ? error.message : String(error)}`);
        stop.abort();
      }
    };
    const clients = SPOKEN.map(
      (dialect, index) =>
        new PacedClient({
          port: central.port,
          agency: (index + 1) as AgencyId,
          dialect,
          betsPerSecond: (betsPerSecond * WATCHED_SHARE) / SPOKEN.length,
          winningEvery: 0,
          onConfirmed: (count) => {
            bets.watched += count;
          },
        }),
    );
    const sampler = new Sampler(
      central,
      () => report,
      (sample) => onProgress({ sample, bets: bets.watched + bets.drawn, ...counts }),
    );
    await Promise.all([
      ...clients.map((client) => guarded("agencies", client.send(over))),
      guarded(
        "abuse",
        abuse(central, createRandom(seed), over, () => {
          counts.abuses++;
        }),
      ),
      guarded(
        "draws",
        holdDraws(
          {
            betsPerSecond: betsPerSecond * (1 - WATCHED_SHARE),
            drawSeconds,
            onConfirmed: (count) => {
              bets.drawn += count;
            },
            onDraw: () => {
              counts.draws++;
            },
          },
          over,
        ),
      ),
    ]);
    sampler.stop();
    clearTimeout(timeIsUp);
    await Promise.all(clients.map((client) => client.close()));
    await guarded("descriptors", central.untilAtBase());
    const end = central.descriptors();
    await guarded("stop", assertStopped(central, "the watched draw"));
    await guarded("verify", assertVerified(central.dataDir, "watched", clients));

    const { samples } = sampler;
    const seconds = samples.at(-1)?.seconds ?? 0;
    const rss = samples.map(({ rssBytes }) => rssBytes);
    const batches = clients.reduce((sum, client) => sum + client.batches, 0);
    const cpu = samples.reduce((sum, sample) => sum + sample.cpu, 0);
    return {
      seed,
      seconds,
      bets,
      ...counts,
      warmUpSeconds,
      slopes: {
        rss: sampler.slope("rssBytes", warmUpSeconds),
        heap: sampler.slope("heapBytes", warmUpSeconds),
        external: sampler.slope("externalBytes", warmUpSeconds),
      },
      headsBytesPerMinute: seconds > 0 ? (batches * HEAD_BYTES * 60) / seconds : 0,
      rssBytes: { first: rss[0] ?? 0, last: rss.at(-1) ?? 0, most: Math.max(0, ...rss) },
      cpu: samples.length > 0 ? cpu / samples.length : 0,
      descriptors: { base, end },
      failures,
    };
  } finally {
    await central.close();
  }
}
