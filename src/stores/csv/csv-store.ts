import { join } from "node:path";
import { DrawBook } from "../../lottery/draw-book.ts";
import { Repetitions } from "../../lottery/repetitions.ts";
import type { BetStore, StoreOptions } from "../../store/bet-store.ts";
import { BookStore } from "../engine/book-store.ts";
import { type Clock, systemClock } from "../../clock.ts";
import { Delays } from "../delays.ts";
import type { DirectoryLock } from "../disk/directory-lock.ts";
import { type Disk, type DiskFile, errorCode } from "../disk/disk.ts";
import { TEMP_SUFFIX } from "../disk/disk-io.ts";
import { FailureLatch } from "../failure-latch.ts";
import { GroupCommit } from "../engine/group-commit.ts";
import { nodeDisk } from "../disk/node-disk.ts";
import { type Lock, withDirectory } from "../disk/open-directory.ts";
import { Ownership } from "../disk/ownership.ts";
import { BETS_FILE, SEAL_FILE } from "../engine/seal-file.ts";
import { countBets } from "./count-bets.ts";
import { CsvJournal } from "./csv-journal.ts";
import { RowWriter } from "./row-writer.ts";
import { planOf } from "../plan-of.ts";

export interface CsvStoreOptions extends StoreOptions {
  /** Bytes that one flush may write, which bounds a batch too; `groupsMax` is the number of such buffers. */
  readonly groupBytes?: number;
  readonly groupsMax?: number;
  readonly disk?: Disk;
  readonly clock?: Clock;
  readonly lock?: Lock;
}

const LOCK_FILE = "bets.lock";

/**
 * Opens the course's store: only `bets.csv`, as the course's `store_bets` writes it, but on stable storage
 * before a batch is confirmed. It is for teaching: it remembers bets and nothing else. After a restart each
 * agency begins at sequence 1 again with the number of its bets known, and no agency is done.
 *
 * @param options.dir where `bets.csv` is
 * @throws StoreError `STORE_LOCKED`, `LEDGER_CORRUPT`, `STORE_UNUSABLE`
 * @throws RangeError for a plan that needs acts: the file has no place for them
 */
export function openCsvStore(options: CsvStoreOptions): Promise<BetStore> {
  const { winningNumber, closesAtMs, byOperator } = options;
  if (winningNumber === undefined || closesAtMs !== undefined || byOperator === true) {
    throw new RangeError("Cannot keep acts of operators and the clock in bets.csv: use the ledger");
  }
  const { dir, disk = nodeDisk, lock, signal, onDelay } = options;
  return withDirectory({ disk, dir, lockFile: LOCK_FILE, lock, signal, onDelay }, (held) =>
    openLocked(options, disk, held),
  );
}

async function openLocked(
  options: CsvStoreOptions,
  disk: Disk,
  lock: DirectoryLock,
): Promise<BetStore> {
  const { dir, clock = systemClock } = options;
  const { onFailure, onPublication, onTornTail, onDelay } = options;
  await disk.remove(join(dir, SEAL_FILE + TEMP_SUFFIX));
  const file = await openBets(disk, dir);
  try {
    const book = new DrawBook(planOf(options));
    const { end, tornBytes } = await countBets(file, book);
    if (tornBytes > 0) await file.truncate(end);
    // An earlier process may have been killed before its last rows were on stable storage.
    await file.sync();
    if (tornBytes > 0) onTornTail?.({ file: file.path, offset: end, bytes: tornBytes });

    const latch = new FailureLatch();
    const onRoom = (): void => store.onRoom();
    const ownership = new Ownership(lock, clock, latch);
    const delays = new Delays(clock, onDelay);
    const writer = new RowWriter({ clock, ownership, delays, onChange: onRoom });
    const commit = new GroupCommit({
      clock,
      latch,
      ownership,
      onRoom,
      firstNumber: 1,
      groupBytes: options.groupBytes,
      groupsMax: options.groupsMax,
      persist: (...group) => writer.persist(...group),
    });
    const storage = { disk, dir, file, writer, commit, ownership, end };
    const journal = new CsvJournal(storage);
    const repetitions = new Repetitions(book, options.replay ?? "detect");
    const events = { onFailure, onPublication, delays };
    const unlock = (): Promise<void> => lock.release();
    const parts = { book, repetitions, journal, commit, latch, clock, unlock, ...events };
    const store: BookStore = new BookStore(parts);
    return store;
  } catch (error) {
    await file.close();
    throw error;
  }
}

async function openBets(disk: Disk, dir: string): Promise<DiskFile> {
  const path = join(dir, BETS_FILE);
  try {
    return await disk.open(path, { mode: "write" });
  } catch (error) {
    if (errorCode(error) !== "ENOENT") throw error;
  }
  const file = await disk.open(path, { mode: "create" });
  await disk.syncDir(dir);
  return file;
}
