import { join } from "node:path";
import { DrawBook } from "../../lottery/draw-book.ts";
import { Repetitions } from "../../lottery/repetitions.ts";
import type { BetStore, StoreOptions } from "../../store/bet-store.ts";
import { BookStore } from "../engine/book-store.ts";
import { type Clock, systemClock } from "../../clock.ts";
import { planOf } from "../plan-of.ts";
import { Delays } from "../delays.ts";
import type { DirectoryLock } from "../disk/directory-lock.ts";
import type { Disk } from "../disk/disk.ts";
import { TEMP_SUFFIX, writeAll } from "../disk/disk-io.ts";
import { FailureLatch } from "../failure-latch.ts";
import { GroupCommit } from "../engine/group-commit.ts";
import { nodeDisk } from "../disk/node-disk.ts";
import { type Lock, withDirectory } from "../disk/open-directory.ts";
import { Ownership } from "../disk/ownership.ts";
import { readSealFile } from "../engine/seal-file.ts";
import { drawDirectory } from "./draw-directory.ts";
import { claimDraw, expectSealed } from "./draw-file.ts";
import { LOCK_FILE, SEGMENT_BYTES, SEGMENT_BYTES_MAX, SEGMENT_BYTES_MIN } from "./layout.ts";
import { LedgerJournal } from "./ledger-journal.ts";
import { recordBytes } from "./record.ts";
import { recover } from "./recover.ts";
import { SegmentChain, segmentSizes } from "./segment-chain.ts";
import { WinnerPlaces, WinnersReader } from "./winners-reader.ts";

export interface LedgerOptions extends StoreOptions {
  /** Size of the largest segments: {@link SEGMENT_BYTES_MIN} to {@link SEGMENT_BYTES_MAX}. */
  readonly segmentBytes?: number;
  /** The most bytes of lines that a batch can have [what one flush may write]. */
  readonly batchBytesMax?: number;
  /** Bytes that one flush may write, which bounds a batch too; `groupsMax` is the number of such buffers. */
  readonly groupBytes?: number;
  readonly groupsMax?: number;
  readonly disk?: Disk;
  readonly clock?: Clock;
  /** Locks the directory [a Unix-domain socket]: a disk that is not the real file system needs its own. */
  readonly lock?: Lock;
}

/**
 * Opens a draw's ledger, new or as it was left: docs/ledger.md.
 *
 * @param options.dir the data directory, which holds a directory for each draw
 * @throws StoreError `STORE_LOCKED`, `DRAW_MISMATCH`, `LEDGER_CORRUPT`, `STORE_UNUSABLE`
 */
export async function openLedger(options: LedgerOptions): Promise<BetStore> {
  checkSizes(options);
  const { disk = nodeDisk, lock, signal, onDelay } = options;
  const dir = drawDirectory(options.dir, options.draw);
  return withDirectory({ disk, dir, lockFile: LOCK_FILE, lock, signal, onDelay }, (held) =>
    openLocked(options, disk, dir, held),
  );
}

async function openLocked(
  options: LedgerOptions,
  disk: Disk,
  dir: string,
  lock: DirectoryLock,
): Promise<BetStore> {
  const { onFailure, onPublication, onDelay, onSearch, onTornTail } = options;
  const { clock = systemClock, segmentBytes = SEGMENT_BYTES } = options;
  await removeLeftovers(disk, dir);
  // A process that was killed may have left names that are not on stable storage. What is confirmed from here
  // on is in files with these names.
  await disk.syncDir(dir);
  const book = new DrawBook(await claimDraw(disk, dir, planOf(options)));
  const places = new WinnerPlaces();
  const found = await recover(disk, dir, book, places);
  if (found.torn !== undefined) onTornTail?.(found.torn);
  expectSealed(dir, book, await readSealFile(disk, dir));

  const latch = new FailureLatch();
  const ownership = new Ownership(lock, clock, latch);
  const delays = new Delays(clock, onDelay);
  const commit: GroupCommit = new GroupCommit({
    clock,
    latch,
    ownership,
    persist: writeAll,
    firstNumber: found.lastGroup + 1,
    groupBytes: options.groupBytes,
    groupsMax: options.groupsMax,
    onRoom: () => store.onRoom(),
  });
  const { groupBytes } = commit;
  const { batchBytesMax = groupBytes } = options;
  const sizes = segmentSizes({
    segmentBytes,
    groupBytes,
    batchBytesMax,
    agencies: book.agencies,
  });
  const chain = new SegmentChain({
    disk,
    dir,
    clock,
    latch,
    ownership,
    delays,
    sizes,
    onChange: () => store.onRoom(),
  });
  const storage = { disk, dir, chain, commit, latch, ownership };
  const { summary, summaryEnd } = found;
  const draw = { sizes, agencies: book.agencies };
  const repetitions = new Repetitions(book, options.replay ?? "detect");
  const winners = new WinnersReader({ disk, dir, clock, places });
  const tally = { summary, summaryEnd, places, winners };
  const journal = new LedgerJournal({ ...storage, ...draw, ...tally });
  const events = { onFailure, onPublication, onSearch, delays };
  const unlock = (): Promise<void> => lock.release();
  const store = new BookStore({
    book,
    repetitions,
    journal,
    commit,
    latch,
    clock,
    unlock,
    ...events,
  });
  try {
    await chain.open(found);
    if (book.state === "open" || book.state === "sealed") {
      await chain.fillFirst();
      if (found.active > 0) chain.fill();
    } else if (book.state === "drawn" && !book.told) {
      // An earlier version kept no room for this record.
      await chain.makeRoomFor(recordBytes(0));
    }
    await store.resume();
  } catch (error) {
    await journal.close();
    throw latch.error ?? error;
  }
  return store;
}

function checkSizes({ segmentBytes = SEGMENT_BYTES }: LedgerOptions): void {
  if (segmentBytes >= SEGMENT_BYTES_MIN && segmentBytes <= SEGMENT_BYTES_MAX) return;
  throw new RangeError(
    `Cannot use segments of ${segmentBytes} bytes: from ${SEGMENT_BYTES_MIN} to ${SEGMENT_BYTES_MAX}`,
  );
}

/** Removes files that a crash left before they were whole; nothing refers to them. */
async function removeLeftovers(disk: Disk, dir: string): Promise<void> {
  for (const name of await disk.list(dir)) {
    if (name.endsWith(TEMP_SUFFIX)) await disk.remove(join(dir, name));
  }
}
