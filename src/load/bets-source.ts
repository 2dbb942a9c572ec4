import { join } from "node:path";
import { BatchCutter, type CutBatch, type CutLimits, cutBatches } from "../agency/batches.ts";
import { DataFile } from "../agency/data-file.ts";
import { readBets } from "../agency/read-bets.ts";
import { generateBets } from "../generate/generate-bets.ts";
import type { AgencyId } from "../lottery/bet.ts";
import { calendarDay } from "../lottery/calendar-day.ts";
import type { Driver } from "./drivers/driver.ts";

export interface BetsRequest {
  readonly agency: AgencyId;
  readonly driver: Driver;
  /** Most bets in a batch. */
  readonly batchBets: number;
  /** Folder with the agency's file; absent: bets are made up. */
  readonly dataDir: string | undefined;
  readonly seed: number;
}

/** An agency's bets, cut into batches as an agency cuts them. @throws AgencyError about the file */
export async function* batchesOf(request: BetsRequest): AsyncGenerator<CutBatch> {
  const { agency, driver, batchBets, dataDir, seed } = request;
  const path = dataDir === undefined ? "bets made up" : join(dataDir, `agency-${agency}.csv`);
  const { measure } = driver.dialer;
  const limits = { amountMax: batchBets, bytesMax: driver.batchBytesMax, measure, path };
  if (dataDir === undefined) yield* madeUp({ agency, driver, seed, limits });
  else yield* fromFile({ agency, driver, limits });
}

/** Without end. */
function* madeUp(request: {
  readonly agency: AgencyId;
  readonly driver: Driver;
  readonly seed: number;
  readonly limits: CutLimits;
}): Generator<CutBatch> {
  const { agency, driver, seed, limits } = request;
  const cutter = new BatchCutter(limits);
  let fileLine = 0;
  for (const bet of generateBets({ seed, agency, count: Number.POSITIVE_INFINITY })) {
    // A name that is too long for the dialect is nobody's in particular.
    if (driver.dialer.unfit?.(bet) !== undefined) continue;
    const cut = cutter.add({ bet, fileLine: ++fileLine, flawed: false });
    if (cut !== undefined) yield cut;
  }
}

async function* fromFile(request: {
  readonly agency: AgencyId;
  readonly driver: Driver;
  readonly limits: CutLimits;
}): AsyncGenerator<CutBatch> {
  const { agency, driver, limits } = request;
  const file = await DataFile.open(limits.path);
  try {
    const rows = readBets(file, {
      agency,
      badRow: "stop",
      today: calendarDay(new Date()),
      unfit: (bet) => driver.dialer.unfit?.(bet),
    });
    yield* cutBatches(rows, limits);
  } finally {
    await file.close();
  }
}
