import type { Batch } from "../../lottery/batch.ts";
import type { AgencyId } from "../../lottery/bet.ts";
import type { DrawBook } from "../../lottery/draw-book.ts";
import type { WinnersSum, WinningLines } from "../../lottery/winners.ts";
import type { StoreCapabilities, StoredBatch } from "../../store/bet-store.ts";

/**
 * Where a {@link ./book-store.ts BookStore} puts what its book has decided. Appending only gathers:
 * what was appended is on stable storage once the group commit says so.
 */
export interface Journal {
  readonly capabilities: StoreCapabilities;
  /** As `BetStore.congested`. */
  readonly congested: boolean;
  /** Whether what was appended waits for room on the disk, confirmed to nobody: perhaps for ever. */
  readonly stuck: boolean;

  /**
   * Copies a batch into the group that is gathered.
   * @param winners as the book counts them
   * @returns undefined when it is appended; when there is no room now, how long to wait: nothing was appended
   */
  appendBatch(batch: Batch, head: Uint8Array, winners: WinnersSum): Refused | undefined;
  /** Appends that the agency is done, with what the book says of it. */
  appendDone(agency: AgencyId, book: DrawBook): Refused | undefined;
  /**
   * Looks whether all that was appended is still where it can be read: asked before the seal.
   * @throws StoreError naming the file that is not
   */
  expectFiles(): Promise<void>;
  /** Appends the seal. Room on the disk was kept for it; buffers may be full for a moment. */
  appendSeal(seal: Uint8Array): Refused | undefined;
  /** Appends that the draw is performed. Room was kept for it as for the seal. */
  appendDraw(seal: Uint8Array): Refused | undefined;
  /** Appends that the draw was told of. Room was kept for it as for the seal. */
  appendTold(seal: Uint8Array): Refused | undefined;

  /**
   * Writes what others read of a draw, unless it is there already. The draw is performed.
   * @param signal stops it between two steps; it throws the signal's reason then
   * @returns the folder that has it now; undefined when it had it before
   */
  publish(book: DrawBook, signal: AbortSignal): Promise<string | undefined>;
  /** The draw is drawn: nothing will be appended any more. */
  finish(): Promise<void>;

  scan(): AsyncIterable<StoredBatch>;
  /**
   * An agency's bets that win, read back from the disk in its order, a block at a time; the draw is
   * performed. Between two blocks no file is held open for the reader.
   */
  winners(agency: AgencyId): AsyncIterable<WinningLines>;
  /** Releases everything. What was appended is on stable storage, or given up, or storage has failed. */
  close(): Promise<void>;
}

export interface Refused {
  readonly retryAfterMs: number;
}

/** The buffers are full, or the next segment is not ready: a matter of one flush. */
export const BEHIND: Refused = { retryAfterMs: 10 };
/** The disk is full: a matter of somebody making room. */
export const DISK_FULL: Refused = { retryAfterMs: 1000 };
