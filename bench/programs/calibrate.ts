import { createHash } from "node:crypto";
import { agencyId } from "../../src/lottery/bet.ts";
import { calendarDay } from "../../src/lottery/calendar-day.ts";
import { scanLines } from "../../src/lottery/scan-lines.ts";
import { batchLines, makeBatches } from "./batches.ts";
import { percentile } from "../report/statistics.ts";
import { tell } from "./child.ts";

// Measures how fast this machine is today: processor time of work that is the same everywhere, in a process
// that has done nothing else. The scanner represents our own code, the hash represents OpenSSL's.

const AGENCY = 1;
const BETS = 100;
/** So many batches fit in a core's own cache. */
const BATCHES = 64;
const WARMUP_SLICES = 40;
const SLICES = 25;
/** Turns over all batches in a slice: they take some milliseconds, which the clock can measure. */
const TURNS = 10;

const agency = agencyId(AGENCY);
if (agency === undefined) throw new RangeError(`${AGENCY} is no agency`);
const today = calendarDay(new Date());
const batches = makeBatches(AGENCY, BATCHES, BETS).map(batchLines);

const scanUs = measure((lines) => {
  if (scanLines(lines, agency, BETS, today) !== undefined) throw new Error("A good bet has a flaw");
});
const hashUs = measure((lines) => {
  createHash("sha256").update(lines).digest();
});
tell({ kind: "result", scanNsPerBet: (scanUs * 1000) / BETS, hashUsPerBatch: hashUs });
process.disconnect();

/** @returns microseconds of processor time per batch: the median of several slices */
function measure(work: (lines: Buffer) => void): number {
  for (let slice = 0; slice < WARMUP_SLICES; slice++) sliceOf(work);
  const took = Array.from({ length: SLICES }, () => sliceOf(work)).toSorted((a, b) => a - b);
  return percentile(took, 0.5);
}

function sliceOf(work: (lines: Buffer) => void): number {
  const before = process.cpuUsage();
  for (let turn = 0; turn < TURNS; turn++) for (const lines of batches) work(lines);
  const { user, system } = process.cpuUsage(before);
  return (user + system) / (TURNS * BATCHES);
}
