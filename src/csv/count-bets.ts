import { type AgencyId, agencyId } from "../lottery/bet.ts";
import type { DrawBook } from "../lottery/draw-book.ts";
import { scanLines } from "../lottery/scan-lines.ts";
import { winnersIn } from "../lottery/winners.ts";
import type { DiskFile } from "../store/disk.ts";
import { StoreError } from "../store/store-error.ts";
import { readRows } from "./read-rows.ts";
import { type Run, runsIn } from "./runs.ts";

/** Whether a birthdate was in the future was asked on the day the bet came. */
const END_OF_TIME = 9999_12_31;

/**
 * Enters in the book how many bets each agency has in `bets.csv`, and which of them win. Reads in
 * pieces: the file may be larger than the memory.
 *
 * @returns bytes of whole rows; what follows is a row that was being written when the power failed
 * @throws StoreError `LEDGER_CORRUPT` naming the line, when a whole row is no bet of the draw
 */
export async function countBets(file: DiskFile, book: DrawBook): Promise<number> {
  const counts = new Map<AgencyId, { bets: number; winners: string[] }>();
  let wholeBytes = 0;
  let line = 1;
  for await (const rows of readRows(file, await file.size())) {
    for (const run of runsIn(rows)) {
      const agency = agencyOf(run, book, `${file.path}:`, line);
      const count = counts.get(agency) ?? { bets: 0, winners: [] };
      count.bets += run.count;
      for (const document of winnersIn(run.lines, book.winningNumber)) count.winners.push(document);
      counts.set(agency, count);
      line += run.count;
    }
    wholeBytes += rows.length;
  }
  for (const [agency, { bets, winners }] of counts) book.resumeBets(agency, bets, winners);
  return wholeBytes;
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
  const flaw = scanLines(lines, id, count, END_OF_TIME);
  if (flaw === undefined) return id;
  throw corrupt(`${path}${line + flaw.index}`, `${flaw.field} ${flaw.reason}`);
}

function corrupt(place: string, reason: string): StoreError {
  return new StoreError(
    "LEDGER_CORRUPT",
    `Cannot read the row at ${place}: ${reason}; mend it, or move the file away`,
  );
}
