import { join } from "node:path";
import { DrawBook } from "../../lottery/draw-book.ts";
import { plural } from "../../lottery/plural.ts";
import type { Disk } from "../disk/disk.ts";
import { openIfThere } from "../disk/disk-io.ts";
import {
  BETS_FILE,
  readSealFile,
  SEAL_FILE,
  sealFile,
  writeSealFile,
} from "../engine/seal-file.ts";
import { writeBetsFile } from "./bets-file.ts";
import { BATCH } from "./layout.ts";
import { LedgerCorrupt } from "./ledger-corrupt.ts";
import { Replay } from "./replay.ts";
import { replayFiles } from "./replay-files.ts";

/**
 * Writes `bets.csv` and `seal.json` of a sealed draw, unless they are there. Every record is read and
 * held against all before it once more: what comes out is what was confirmed, or nothing.
 *
 * @returns whether they were not there
 * @throws LedgerCorrupt when the segments, or a `seal.json` that is there, do not agree with the book
 */
export async function publishDraw(
  disk: Disk,
  dir: string,
  book: DrawBook,
  signal: AbortSignal,
): Promise<boolean> {
  const seal = hex(book.seal);
  const there = await publishedSeal(disk, dir);
  if (there !== undefined) {
    expectSame(join(dir, SEAL_FILE), seal, there);
    return false;
  }
  const { name, winningNumber, agencies } = book;
  const replay = new Replay(new DrawBook({ name, winningNumber, agencies }));
  const betsCsv = await writeBetsFile(disk, dir, linesOf(disk, dir, replay), signal);
  expectSame(dir, seal, hex(replay.book.seal));
  const sealed = {
    draw: name,
    winningNumber,
    agencies: book.sealedAgencies(),
    seal: book.seal ?? Buffer.alloc(0),
  };
  await writeSealFile(disk, dir, sealFile(sealed, betsCsv));
  return true;
}

async function* linesOf(disk: Disk, dir: string, replay: Replay): AsyncGenerator<Uint8Array> {
  const records = replayFiles(disk, dir, replay);
  let step = await records.next();
  for (; step.done !== true; step = await records.next()) {
    if (step.value.record.kind === BATCH) yield step.value.record.body;
  }
  const tail = step.value;
  if (tail === undefined) return;
  const found = `${plural(tail.bytes, "byte")} that are no record`;
  const at = { offset: tail.offset };
  throw new LedgerCorrupt({ file: tail.file, at, expected: "zeros to the end", found });
}

/**
 * The seal that `seal.json` states.
 * @returns undefined when `seal.json` or `bets.csv` is missing: then both are written
 */
async function publishedSeal(disk: Disk, dir: string): Promise<unknown> {
  const contents = await readSealFile(disk, dir);
  if (contents === undefined) return undefined;
  const bets = await openIfThere(disk, join(dir, BETS_FILE));
  if (bets === undefined) return undefined;
  await bets.close();
  return typeof contents === "object" && contents !== null && "seal" in contents
    ? contents.seal
    : "none";
}

function expectSame(file: string, expected: unknown, found: unknown): void {
  if (expected === found) return;
  throw new LedgerCorrupt({
    file,
    at: undefined,
    expected: `seal ${String(expected)}`,
    found: String(found),
  });
}

function hex(bytes: Uint8Array | undefined): string | undefined {
  return bytes === undefined ? undefined : Buffer.from(bytes).toString("hex");
}
