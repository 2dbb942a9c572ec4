import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { AgencyOutcome } from "../../src/agency/agency-run.ts";
import { runAgency, type RunAgencyOptions } from "../../src/agency/run.ts";
import type { AgencyConfig } from "../../src/config/agency-config.ts";
import type { Bet } from "../../src/lottery/bet.ts";
import { formatLine } from "../../src/lottery/canonical-line.ts";
import { quoteField } from "../../src/lottery/canonical-line.ts";
import { type FakeCentral, TODAY, turn } from "./fake-central.ts";
import { type MemoryLogger, memoryLogger } from "../support/memory-logger.ts";

export const CONFIG: AgencyConfig = {
  id: "1",
  serverAddress: "central:12345",
  host: "central",
  port: 12345,
  loopAmount: 3,
  loopPeriodMs: 5000,
  loopLapse: undefined,
  loopPeriod: "5s",
  logLevel: "debug",
  logLevelText: "DEBUG",
  logFormat: "text",
  batchAmountMax: 3,
  batchBytesMax: 8192,
  mode: "file",
  dataFile: "unset.csv",
  badRow: "stop",
  winnersFile: "",
  winnersFormat: "csv",
  receiptsFile: "",
  resume: "verify",
  dialect: "fake",
  draw: "",
  bet: undefined,
  retry: { firstDelayMs: 100, delayMaxMs: 1000, giveUpAfterMs: 0 },
  answerTimeoutMs: 2000,
};

/** A folder that is gone after the test. */
export function withTempDir<T>(use: (dir: string) => Promise<T>): Promise<T> {
  const dir = mkdtempSync(join(tmpdir(), "quiniela-agency-"));
  return use(dir).finally(() => rmSync(dir, { recursive: true, force: true }));
}

/** The bets as an agency's file has them. */
export function agencyCsv(bets: readonly Bet[], lineEnd = "\n"): string {
  return bets
    .map(({ firstName, lastName, document, birthdate, number }) =>
      [firstName, lastName, document, birthdate, String(number)].map(quoteField).join(","),
    )
    .map((row) => row + lineEnd)
    .join("");
}

/** Bets as canonical lines, without their ends. */
export function linesOf(bets: readonly Bet[]): string[] {
  return bets.map((bet) => formatLine(bet).replace("\r\n", ""));
}

export function writeBets(dir: string, bets: readonly Bet[], name = "agency-1.csv"): string {
  const path = join(dir, name);
  writeFileSync(path, agencyCsv(bets));
  return path;
}

export interface Ran {
  readonly outcome: AgencyOutcome;
  readonly logger: MemoryLogger;
  /** Pauses asked for, in milliseconds. */
  readonly pausesMs: readonly number[];
}

/**
 * Runs an agency with a central without a network and a clock that only pauses move, so nothing
 * waits.
 */
export async function runFake(
  central: FakeCentral,
  config: Partial<AgencyConfig>,
  overrides: Partial<RunAgencyOptions> = {},
): Promise<Ran> {
  const logger = memoryLogger();
  const pausesMs: number[] = [];
  let nowMs = 0;
  const outcome = await runAgency({
    config: { ...CONFIG, ...config },
    dialer: central.dialer,
    logger,
    signal: new AbortController().signal,
    connect: () => Promise.reject(new Error("a fake central needs no connections")),
    random: () => 0.5,
    now: () => nowMs,
    today: () => TODAY,
    sleep: async (delayMs, signal) => {
      pausesMs.push(delayMs);
      nowMs += delayMs;
      await turn();
      signal.throwIfAborted();
    },
    ...overrides,
  });
  return { outcome, logger, pausesMs };
}
