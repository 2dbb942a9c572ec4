import { existsSync, statSync } from "node:fs";
import { statfs } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { ledgerSize } from "../measure/flushes.ts";
import { cpuSeconds, memoryOf } from "../measure/process-usage.ts";
import { benchProgram, cli } from "../paths.ts";
import { type Row, Skipped } from "../row.ts";
import type { Stage } from "../stage.ts";
import { BENCH_DRAW, cleanEnvironment, type RunningCentral, startCentral } from "./central.ts";
import { load } from "./load.ts";
import { finishDraw } from "./finish-draw.ts";

const AGENCIES = 5;
const SLICES = 10;
const WINDOW = 32;
const BATCH = 100;
/** More than a bet takes in the ledger and in `bets.csv` together. */
const DISK_BYTES_PER_BET = 150;

/** Measures what grows with the number of bets, and what must not. @param millions sizes of ledgers */
export function sizeRows(millions: readonly number[], progress: (note: string) => void): Row[] {
  return millions.map((size) => ({
    id: `size/${size}M`,
    group: "sizes",
    title: `${size} million bets`,
    once: true,
    run: async (stage) => {
      const bets = size * 1e6;
      await expectRoom(await stage.folder(), bets * DISK_BYTES_PER_BET);
      const first = await startCentral(stage, { agencies: AGENCIES });
      const slices = await fill(stage, first, bets, progress);
      const { bytes } = ledgerSize(first.drawDir);
      progress("restarts");
      first.program.kill();
      await first.program.ended;
      const { dataDir } = first;
      const killed = await startCentral(stage, { agencies: AGENCIES, dataDir });
      await killed.program.stop();
      const stopped = await startCentral(stage, { agencies: AGENCIES, dataDir });
      await stopped.program.stop();
      const opened = await openStore(stage, dataDir);
      progress("the draw");
      const central = await startCentral(stage, { agencies: AGENCIES, dataDir });
      const draw = await finishDraw(central.port, AGENCIES);
      progress("bets.csv");
      const publishMs = await published(central.drawDir);
      const { rssMaxBytes } = memoryOf(central.pid);
      await central.program.stop();
      const { winnersMs } = await openStore(stage, dataDir);
      progress("verify");
      const verifyMs = await verify(stage, dataDir);
      const speeds = slices.map(({ betsPerSecond }) => betsPerSecond);
      return {
        values: {
          bets: draw.bets,
          betsPerSecond: bets / slices.reduce((sum, { seconds }) => sum + seconds, 0),
          betsPerSecondSlowest: Math.min(...speeds),
          betsPerSecondFastest: Math.max(...speeds),
          cpuUsPerBatch:
            slices.reduce((sum, { cpuUsPerBatch }) => sum + cpuUsPerBatch, 0) / slices.length,
          rssFirstBytes: slices.at(0)?.rssBytes ?? Number.NaN,
          rssLastBytes: slices.at(-1)?.rssBytes ?? Number.NaN,
          rssMaxBytes,
          diskBytesPerBet: bytes / bets,
          startEmptyMs: first.startMs,
          restartAfterKillMs: killed.startMs,
          restartAfterStopMs: stopped.startMs,
          openStoreMs: opened.openMs,
          drawMs: draw.drawMs,
          publishMs,
          winnersMs,
          verifyMs,
        },
        detail: { slices, lastWinnersMs: draw.lastWinnersMs },
      };
    },
  }));
}

interface Slice {
  readonly betsPerSecond: number;
  readonly seconds: number;
  readonly cpuUsPerBatch: number;
  readonly p99Ms: number;
  /** Resident set after the slice. */
  readonly rssBytes: number;
}

async function fill(
  stage: Stage,
  { port, pid }: RunningCentral,
  bets: number,
  progress: (note: string) => void,
): Promise<Slice[]> {
  const slices: Slice[] = [];
  for (let slice = 1; slice <= SLICES; slice++) {
    progress(`slice ${slice} of ${SLICES}`);
    const before = cpuSeconds(pid);
    const report = await load(stage, {
      port,
      dialect: "native",
      connections: AGENCIES,
      window: WINDOW,
      batch: BATCH,
      bets: bets / SLICES,
      seed: slice,
    });
    slices.push({
      betsPerSecond: report.betsPerSecond,
      seconds: report.seconds,
      cpuUsPerBatch: ((cpuSeconds(pid) - before) / report.batches) * 1e6,
      p99Ms: report.latencyMs.p99,
      rssBytes: memoryOf(pid).rssBytes,
    });
  }
  return slices;
}

async function expectRoom(dir: string, needed: number): Promise<void> {
  const { bavail, bsize } = await statfs(dir);
  const free = bavail * bsize;
  if (free >= needed) return;
  const [need, have] = [needed, free].map((bytes) => (bytes / 1e9).toFixed(1));
  throw new Skipped(`needs ${need} GB of free disk, there are ${have}`);
}

async function openStore(
  stage: Stage,
  dataDir: string,
): Promise<{ openMs: number; winnersMs: number }> {
  const program = stage.startNode(benchProgram("open-store"), {
    name: "the store alone",
    args: [dataDir, BENCH_DRAW, `${AGENCIES}`],
    channel: true,
  });
  const { openMs, winnersMs } = await program.message("result");
  await program.succeed();
  return { openMs: Number(openMs), winnersMs: Number(winnersMs) };
}

const LOOKS_APART_MS = 50;
const PUBLISH_PATIENCE_MS = 300_000;

/**
 * Waits for `seal.json`, which is written after `bets.csv`; agencies have their winners before.
 * @returns milliseconds from the creation of `bets.csv`, under a temporary name, to the end of `seal.json`
 */
async function published(drawDir: string): Promise<number> {
  const seal = join(drawDir, "seal.json");
  for (const endMs = performance.now() + PUBLISH_PATIENCE_MS; !existsSync(seal); ) {
    if (performance.now() > endMs) throw new Error(`${seal} is not written`);
    await setTimeout(LOOKS_APART_MS);
  }
  return statSync(seal).mtimeMs - statSync(join(drawDir, "bets.csv")).birthtimeMs;
}

async function verify(stage: Stage, dataDir: string): Promise<number> {
  const startMs = performance.now();
  await stage
    .startNode(cli, {
      name: "quiniela verify",
      args: ["verify", dataDir, "--draw", BENCH_DRAW, "--json"],
      env: cleanEnvironment(),
    })
    .succeed();
  return performance.now() - startMs;
}
