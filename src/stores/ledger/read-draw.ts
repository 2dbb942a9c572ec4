import type { Act } from "../../lottery/act.ts";
import { DrawBook } from "../../lottery/draw-book.ts";
import type { DrawPlan } from "../../lottery/draw-plan.ts";
import type { StoredBatch } from "../../store/bet-store.ts";
import type { Disk } from "../disk/disk.ts";
import { nodeDisk } from "../disk/node-disk.ts";
import { readSealFile } from "../engine/seal-file.ts";
import { StoreError } from "../../store/store-error.ts";
import { drawDirectory } from "./draw-directory.ts";
import { expectSealed, readDrawFile } from "./draw-file.ts";
import { BATCH } from "./layout.ts";
import { Replay } from "./replay.ts";
import { replayFiles, storedBatch } from "./replay-files.ts";

/**
 * A draw's batches in the order of acceptance, with every record checked. Takes no lock, so a central may be
 * running; the batches that it is writing at the moment may be left out.
 *
 * @param dir a central's data directory
 * @throws StoreError when there is no such draw; LedgerCorrupt at the first flaw
 */
export async function* readDraw(
  dir: string,
  draw: string,
  disk: Disk = nodeDisk,
): AsyncGenerator<StoredBatch, void> {
  const drawDir = drawDirectory(dir, draw);
  const book = new DrawBook(await existingDraw(disk, drawDir));
  const replay = new Replay(book);
  // Read it before the records: a central may be sealing the draw at this moment.
  const sealFile = await readSealFile(disk, drawDir);
  for await (const { record } of replayFiles(disk, drawDir, replay)) {
    if (record.kind === BATCH) yield storedBatch(record);
  }
  expectSealed(drawDir, book, sealFile);
}

/**
 * What operators and the clock did to a draw, in this order, with every record checked. As {@link readDraw}.
 *
 * @throws StoreError when there is no such draw; LedgerCorrupt at the first flaw
 */
export async function readActs(
  dir: string,
  draw: string,
  disk: Disk = nodeDisk,
): Promise<readonly Act[]> {
  const drawDir = drawDirectory(dir, draw);
  const book = new DrawBook(await existingDraw(disk, drawDir));
  const records = replayFiles(disk, drawDir, new Replay(book));
  while ((await records.next()).done !== true);
  return book.acts;
}

/** @throws StoreError when the directory holds no draw */
export async function existingDraw(disk: Disk, drawDir: string): Promise<DrawPlan> {
  const plan = await readDrawFile(disk, drawDir);
  if (plan !== undefined) return plan;
  throw new StoreError("STORE_UNUSABLE", `Cannot read ${drawDir}: there is no draw`);
}
