import { type AgencyId, agencyId } from "../lottery/bet.ts";
import { LAST_DAY } from "../lottery/calendar-day.ts";
import type { DrawBook } from "../lottery/draw-book.ts";
import { scanLines } from "../lottery/scan-lines.ts";
import { sumWinners } from "../lottery/winners.ts";
import type { DiskFile } from "../store/disk.ts";
import { StoreError } from "../store/store-error.ts";
import { GROUP_BYTES } from "../store/group-commit.ts";
import { readRows } from "./read-rows.ts";
import { type Run, runsIn } from "./runs.ts";

const LF = 0x0a;

/**
 * Enters in the book how many bets each agency has in `bets.csv`, and which of them win. Reads in
 * pieces: the file may be larger than the memory.
 *
 * @returns bytes of whole rows; what follows was being written when the power failed
 * @throws StoreError `LEDGER_CORRUPT` naming the line, when a whole row is no bet of the draw
 */
export async function countBets(file: DiskFile, book: DrawBook): Promise<number> {
  const counts = new Map<AgencyId, { bets: number; count: number; documentBytes: number }>();
  const fileBytes = await file.size();
  let wholeBytes = 0;
  let line = 1;
  for await (const read of readRows(file, fileBytes)) {
    const rows = beforeZeros(read);
    for (const run of runsIn(rows)) {
      const agency = agencyOf(run, book, `${file.path}:`, line);
      const count = counts.get(agency) ?? { bets: 0, count: 0, documentBytes: 0 };
      const winners = sumWinners(run.lines, book.winningNumber);
      count.bets += run.count;
      count.count += winners.count;
      count.documentBytes += winners.documentBytes;
      counts.set(agency, count);
      line += run.count;
    }
    wholeBytes += rows.length;
    if (rows.length === read.length) continue;
    if (fileBytes - wholeBytes <= GROUP_BYTES) break;
    throw corrupt(`${file.path}:${line}`, "it has a zero byte, and is not of the last flush");
  }
  for (const [agency, { bets, ...winners }] of counts) book.resumeBets(agency, bets, winners);
  return wholeBytes;
}

/** The rows before the one with the first zero byte: no row has one, but a crash may leave some. */
function beforeZeros(rows: Buffer): Buffer {
  const zero = rows.indexOf(0);
  return zero < 0 ? rows : rows.subarray(0, rows.lastIndexOf(LF, zero) + 1);
}

function agencyOf(
  { agency, count, lines }: Run,
  book: DrawBook,
  path: string,
  line: number,
): AgencyId {
  const id = agencyId(agency);
  if (id === undefined || id > book.agencies) {
    throw corrupt(`${path}${line}`, `it is of none of the draw's ${book.agencies} agencies`);
  }
  const flaw = scanLines(lines, id, count, LAST_DAY);
  if (flaw === undefined) return id;
  throw corrupt(`${path}${line + flaw.index}`, `${flaw.field} ${flaw.reason}`);
}

function corrupt(place: string, reason: string): StoreError {
  return new StoreError(
    "LEDGER_CORRUPT",
    `Cannot read the row at ${place}: ${reason}; mend it, or move the file away`,
  );
}
