import { type AgencyId, agencyId } from "../../lottery/bet.ts";
import { LAST_DAY } from "../../lottery/calendar-day.ts";
import type { DrawBook } from "../../lottery/draw-book.ts";
import { scanLines } from "../../lottery/scan-lines.ts";
import { sumWinners } from "../../lottery/winners.ts";
import type { DiskFile } from "../disk/disk.ts";
import { readFully } from "../disk/disk-io.ts";
import { StoreError } from "../../store/store-error.ts";
import { GROUP_BYTES } from "../../limits.ts";
import { judgeTail } from "./judge-tail.ts";
import { readRows } from "./read-rows.ts";
import { type Run, runsIn } from "./runs.ts";
import { plural } from "../../lottery/plural.ts";

const LF = 0x0a;

/** How far the rows of `bets.csv` go. */
export interface CountedBets {
  /** Number of bytes in whole rows. */
  readonly end: number;
  /** Number of bytes after them, which a crash left of the last flush. */
  readonly tornBytes: number;
}

/**
 * Enters in the book how many bets each agency has in `bets.csv`, and how many of them win. Reads in
 * pieces: the file may be larger than the memory.
 *
 * @throws StoreError `LEDGER_CORRUPT` naming the line, when a whole row is not a bet of the draw, or when
 * the bytes after the rows were not left by a crash
 */
export async function countBets(file: DiskFile, book: DrawBook): Promise<CountedBets> {
  const counts = new Map<AgencyId, { bets: number; count: number; documentBytes: number }>();
  const fileBytes = await file.size();
  let end = 0;
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
    end += rows.length;
    if (rows.length < read.length) break;
  }
  await expectTorn(file, end, fileBytes, line, book);
  for (const [agency, { bets, ...winners }] of counts) book.resumeBets(agency, bets, winners);
  return { end, tornBytes: fileBytes - end };
}

/** Checks that the tail can be left of our own last flush: anything else may be bets, and is not cut off. */
async function expectTorn(
  file: DiskFile,
  end: number,
  fileBytes: number,
  line: number,
  book: DrawBook,
): Promise<void> {
  const tail = Buffer.alloc(Math.min(fileBytes - end, GROUP_BYTES));
  await readFully(file, tail, end);
  const reason =
    judgeTail(tail, end, book.agencies) ??
    (fileBytes - end > GROUP_BYTES ? "more than the last flush follows, and no row" : undefined);
  if (reason !== undefined) throw corrupt(`${file.path}:${line}`, reason);
}

/** The rows before the one with the first zero byte: rows have no zeros, but a crash may leave some. */
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
  if (id === undefined || !book.roster.has(id)) {
    throw corrupt(
      `${path}${line}`,
      `it is of none of the draw's ${plural(book.agencies, "agency")}`,
    );
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
