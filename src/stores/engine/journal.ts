import type { Act } from "../../lottery/act.ts";
import type { Batch } from "../../lottery/batch.ts";
import type { AgencyId } from "../../lottery/bet.ts";
import type { DrawBook } from "../../lottery/draw-book.ts";
import type { WinnersSum, WinningLines } from "../../lottery/winners.ts";
import type { StoreCapabilities, StoredBatch } from "../../store/bet-store.ts";

/**
 * Where a {@link ./book-store.ts BookStore} puts what its book has decided. Appending only gathers bytes:
 * they are on stable storage once the group commit says so.
 */
export interface Journal {
  readonly capabilities: StoreCapabilities;
  /** As `BetStore.congested`. */
  readonly congested: boolean;
  /** Whether appended bytes wait for room on the disk, perhaps for ever; they are not confirmed. */
  readonly stuck: boolean;

  /**
   * Copies a batch into the group that is gathered.
   * @param winners as the book counts them
   * @returns undefined when it is appended; otherwise nothing was, and this says how long to wait for room
   */
  appendBatch(batch: Batch, head: Uint8Array, winners: WinnersSum): Refused | undefined;
  /** Appends that the agency is done, with its standing in the book. */
  appendDone(agency: AgencyId, book: DrawBook): Refused | undefined;
  /**
   * Looks whether the files with the appended bytes are still there: called before the seal.
   * @throws StoreError naming a file that is not
   */
  expectFiles(): Promise<void>;
  /** Appends the seal. Room on the disk is kept for it; buffers may be full for a moment. */
  appendSeal(seal: Uint8Array): Refused | undefined;
  /**
   * Appends an act. Room is kept for those that a draw needs to come to its end, as for the seal.
   * @param head the head of the acts' chain after it
   * @param book without the act
   */
  appendAct(sequence: number, act: Act, head: Uint8Array, book: DrawBook): Refused | undefined;
  /** Appends that the draw is performed. Room is kept for it as for the seal. */
  appendDraw(seal: Uint8Array, winningNumber: number): Refused | undefined;
  /** Appends that the draw's log line is out. Room is kept for it as for the seal. */
  appendTold(seal: Uint8Array): Refused | undefined;

  /**
   * Writes the files of a performed draw that others read, unless they are there already.
   * @param signal stops this between two steps: it throws the signal's reason then
   * @returns the folder that has the files now; undefined when they were there before
   */
  publish(book: DrawBook, signal: AbortSignal): Promise<string | undefined>;
  /** The draw is drawn: nothing will be appended any more. */
  finish(): Promise<void>;

  scan(): AsyncIterable<StoredBatch>;
  /**
   * Counts the winning bets of all agencies in a draw whose number was told after the seal.
   *
   * @param onBets told now and then how many bets were looked at
   * @throws the signal's reason; StoreError when the stored bets have changed
   */
  searchWinners(
    winningNumber: number,
    onBets: (bets: number) => void,
    signal: AbortSignal,
  ): Promise<ReadonlyMap<AgencyId, WinnersSum>>;
  /**
   * An agency's bets that win, read back from the disk in the agency's order, one block at a time. Call it
   * after the draw. Between two blocks no file is held open for the reader.
   */
  winners(agency: AgencyId, winningNumber: number): AsyncIterable<WinningLines>;
  /** Releases everything. Call it when all appended bytes are on stable storage or given up. */
  close(): Promise<void>;
}

export interface Refused {
  readonly retryAfterMs: number;
}

/** The buffers are full, or the next segment is not ready: one flush changes that. */
export const BEHIND: Refused = { retryAfterMs: 10 };
/** The disk is full: somebody must make room. */
export const DISK_FULL: Refused = { retryAfterMs: 1000 };
