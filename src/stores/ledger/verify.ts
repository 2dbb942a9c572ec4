import { join } from "node:path";
import { isDeepStrictEqual } from "node:util";
import type { Act } from "../../lottery/act.ts";
import type { AgencyId } from "../../lottery/bet.ts";
import { LAST_DAY } from "../../lottery/calendar-day.ts";
import { DrawBook, type DrawState } from "../../lottery/draw-book.ts";
import { plural } from "../../lottery/plural.ts";
import type { Receipt } from "../../lottery/receipt.ts";
import { scanLines } from "../../lottery/scan-lines.ts";
import { documentsIn, winningLines } from "../../lottery/winners.ts";
import type { TornTail } from "../../store/bet-store.ts";
import type { Disk } from "../disk/disk.ts";
import { nodeDisk } from "../disk/node-disk.ts";
import { readSealFile, SEAL_FILE, sealFile } from "../engine/seal-file.ts";
import { drawDirectory } from "./draw-directory.ts";
import { BATCH } from "./layout.ts";
import { describeFlaw, LedgerCorrupt, type LedgerFlaw } from "./ledger-corrupt.ts";
import { PublishedBets } from "./publish.ts";
import { existingDraw } from "./read-draw.ts";
import { type CheckedReceipts, ReceiptCheck } from "./receipt-check.ts";
import type { PlacedRecord } from "./record.ts";
import { Replay } from "./replay.ts";
import { recordsUpTo, type ReplayedRecord, replayFiles } from "./replay-files.ts";
import { SummaryCheck } from "./summary.ts";

export interface VerifiedAgency {
  readonly agency: number;
  readonly batches: number;
  readonly bets: number;
  /** Winning documents; empty before the draw. */
  readonly winners: readonly string[];
  /** Chain head, hex. */
  readonly head: string;
  readonly done: boolean;
  /** Whether the draw was closed before the agency was done. */
  readonly closedOut: boolean;
  /** Undefined for an agency without a name. */
  readonly name: string | undefined;
}

export interface Verification {
  readonly draw: string;
  /** Undefined while nobody has told it. */
  readonly winningNumber: number | undefined;
  readonly state: DrawState;
  /** What operators and the clock did, in this order. */
  readonly acts: readonly Act[];
  readonly agencies: readonly VerifiedAgency[];
  /** Hex; undefined before the seal. */
  readonly seal: string | undefined;
  /**
   * `bets.csv` and `seal.json`: `none` before the draw; `pending` after the draw without `seal.json`
   * (the central ended before it wrote them, or both were removed); `done` when there is one. Whether they
   * are right is in {@link difference}.
   */
  readonly files: "none" | "pending" | "done";
  /** Undefined when no receipts were to be compared. */
  readonly receipts: CheckedReceipts | undefined;
  /** Bytes at the end that are not a record: torn by a crash, or being written at this moment. */
  readonly tornTail: TornTail | undefined;
  /** The first difference: file, place, expected, found. */
  readonly difference: string | undefined;
}

/**
 * Recomputes a draw from its files: checksums, sequences, chains, DONEs, seal and winners from the
 * ledger, then compares `bets.csv` and `seal.json` with that. Takes no lock and changes nothing.
 *
 * @param dir a central's data directory
 * @param receipts of agencies: the ledger must have all their batches, and there must be one of each
 * @throws StoreError when there is no such draw, or it cannot be read
 */
export async function verifyDraw(
  dir: string,
  draw: string,
  disk: Disk = nodeDisk,
  receipts?: readonly Receipt[],
): Promise<Verification> {
  const drawDir = drawDirectory(dir, draw);
  const book = new DrawBook(await existingDraw(disk, drawDir));
  const bets = await PublishedBets.open(disk, drawDir);
  const winners = new Map<number, string[]>();
  const check = new ReceiptCheck(receipts ?? []);
  let tornTail: TornTail | undefined;
  let flaw: LedgerFlaw | undefined;
  let files: Verification["files"] = "none";
  try {
    tornTail = await replayAll(disk, drawDir, book, { bets, winners, receipts: check });
    const sealFound = await readSealFile(disk, drawDir);
    files = filesOf(book, sealFound);
    flaw = (await bets.end()) ?? compareSealFile(sealFound, drawDir, book, bets);
  } catch (error) {
    if (!(error instanceof LedgerCorrupt)) throw error;
    flaw = error.flaw;
  } finally {
    await bets.close();
  }
  return {
    draw: book.name,
    winningNumber: book.winningNumber,
    state: book.state,
    acts: book.acts,
    agencies: book.sealedAgencies().map(({ agency, batches, bets, head, closedOut }) => ({
      agency,
      name: book.roster.nameOf(agency),
      batches,
      bets,
      winners: book.state === "drawn" ? (winners.get(agency) ?? []) : [],
      head: Buffer.from(head).toString("hex"),
      done: book.standing(agency).done,
      closedOut,
    })),
    seal: book.seal?.toString("hex"),
    files,
    tornTail,
    receipts: receipts && check.checked,
    difference: flaw === undefined ? check.end() : describeFlaw(flaw),
  };
}

/** What is compared with the ledger while it is read. */
interface Comparisons {
  readonly bets: PublishedBets;
  readonly winners: Map<number, string[]>;
  readonly receipts: ReceiptCheck;
}

async function replayAll(
  disk: Disk,
  drawDir: string,
  book: DrawBook,
  { bets, winners, receipts }: Comparisons,
): Promise<TornTail | undefined> {
  const replay = new Replay(book);
  const records = replayFiles(disk, drawDir, replay);
  const summaries = new SummaryCheck(disk, drawDir);
  for (;;) {
    const step = await records.next();
    if (step.done === true) {
      await searchWinners(disk, drawDir, replay, winners);
      return step.value;
    }
    const { record } = step.value;
    if (record.kind === BATCH) {
      checkLines(step.value);
      await bets.expect(record.body, record.count);
      receipts.see(record);
      if (step.value.winners.count > 0) noteWinners(winners, record, book.winningNumber);
    }
    await summaries.expect(step.value);
  }
}

/** Finds the winners of a number that was told after the seal: reads all records once more. */
async function searchWinners(
  disk: Disk,
  drawDir: string,
  { book, to }: Replay,
  winners: Map<number, string[]>,
): Promise<void> {
  if (book.plan.winningNumber !== undefined || book.state !== "drawn") return;
  for await (const { records } of recordsUpTo(disk, drawDir, to.segment, to.end)) {
    for (const record of records) {
      if (record.kind === BATCH) noteWinners(winners, record, book.winningNumber);
    }
  }
}

/** Keeps the documents only: a draw may have millions of winners, and only their documents are reported. */
function noteWinners(
  winners: Map<number, string[]>,
  { agency, body }: PlacedRecord,
  winningNumber: number | undefined,
): void {
  if (winningNumber === undefined) return;
  const documents = winners.get(agency) ?? [];
  const { lines } = winningLines(body, winningNumber);
  for (const document of documentsIn(lines)) documents.push(document);
  winners.set(agency, documents);
}

/** The CRC proves that the record is as it was written; this checks that its lines are good bets. */
function checkLines({ image, record }: ReplayedRecord): void {
  const { agency, body, count, at: offset } = record;
  const flaw = scanLines(body, agency as AgencyId, count, LAST_DAY);
  if (flaw === undefined) return;
  throw new LedgerCorrupt({
    file: image.path,
    at: { offset },
    expected: plural(count, "good bet"),
    found: `bet ${flaw.index + 1}, whose ${flaw.field} ${flaw.reason}`,
  });
}

/** `seal.json` is written last: without it the files were not finished, or both were removed. */
function filesOf({ state }: DrawBook, seal: unknown): Verification["files"] {
  if (seal !== undefined) return "done";
  return state === "drawn" ? "pending" : "none";
}

/** @param found what `seal.json` holds; undefined when there is none */
function compareSealFile(
  found: unknown,
  dir: string,
  book: DrawBook,
  bets: PublishedBets,
): LedgerFlaw | undefined {
  const file = join(dir, SEAL_FILE);
  if (book.seal === undefined || book.winningNumber === undefined) {
    if (found === undefined) return undefined;
    return { file, at: undefined, expected: "no such file before the seal", found: "one" };
  }
  // The file is written last, after the draw: the central may have ended before, which is not a flaw.
  if (found === undefined) return undefined;
  if (bets.missing) {
    return { file: bets.path, at: undefined, expected: "the file", found: REMOVED };
  }
  const expected = sealFile(book, bets.digest());
  const fields = new Map<string, unknown>(Object.entries(found ?? {}));
  for (const [key, value] of Object.entries(expected)) {
    const there = fields.get(key);
    if (isDeepStrictEqual(there, value)) continue;
    return {
      file,
      at: undefined,
      expected: `${key} ${JSON.stringify(value)}`,
      found: JSON.stringify(there) ?? "none",
    };
  }
  return undefined;
}

const REMOVED = `none, and a ${SEAL_FILE} that is written after it; a central that starts on this draw again writes it`;
