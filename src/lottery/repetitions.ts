import type { Batch, UnnumberedBatch } from "./batch.ts";
import type { AgencyId } from "./bet.ts";
import type { DrawBook } from "./draw-book.ts";

/**
 * Gives numbers to batches of dialects that have none, and recognises batches that are sent again.
 *
 * An agency that is started again sends its file from the first bet. So its run begins with the stored
 * batches: the n-th batch of the run equals the n-th stored one. Such a batch gets the number that it had,
 * and the book calls it a duplicate. For every agency this object keeps which stored batch must come next
 * in the repetition. It compares with the book's chain heads, so a restart of the central loses only how
 * far a repetition had come.
 *
 * docs/replays.md says which repetitions this finds, which it cannot find, and what it may wrongly take
 * for a repetition.
 */
export class Repetitions {
  readonly #book: DrawBook;
  readonly #detect: boolean;
  /** By agency: the stored batch that must come next in its repetition. */
  readonly #awaited = new Map<AgencyId, number>();

  /** @param mode `store`: every batch is new */
  constructor(book: DrawBook, mode: ReplayMode) {
    this.#book = book;
    this.#detect = mode === "detect";
  }

  /** The batch with its number: the one that it had when it is sent again, else the agency's next. */
  number(batch: UnnumberedBatch): Batch {
    const { agency, count, lines } = batch;
    const { nextSequence } = this.#book.standing(agency);
    const repeated = this.#detect ? this.#find(batch, nextSequence - 1) : undefined;
    return { agency, count, lines, sequence: repeated ?? nextSequence };
  }

  #find(batch: UnnumberedBatch, last: number): number | undefined {
    const awaited = this.#awaited.get(batch.agency);
    switch (batch.place) {
      case "alone":
        return last > 0 && this.#book.holds(batch, last) ? last : undefined;
      case "run-start":
        this.#awaited.delete(batch.agency);
        return this.#follow(batch, 1, last);
      case "connection-start":
        // A batch that fits nowhere may be a late one of a run that ended: keep the repetition.
        return this.#follow(batch, awaited, last) ?? this.#follow(batch, 1, last);
      case "following":
        this.#awaited.delete(batch.agency);
        return this.#follow(batch, awaited, last);
      default:
        return batch.place satisfies never;
    }
  }

  /** @returns `sequence` if the batch equals the stored one; then the next stored batch must come next */
  #follow(batch: UnnumberedBatch, sequence: number | undefined, last: number): number | undefined {
    if (sequence === undefined || sequence > last || !this.#book.holds(batch, sequence)) {
      return undefined;
    }
    if (sequence < last) this.#awaited.set(batch.agency, sequence + 1);
    else this.#awaited.delete(batch.agency);
    return sequence;
  }
}

/** `detect`: batches without numbers that are sent again are stored once; `store`: all are stored. */
export type ReplayMode = "detect" | "store";
