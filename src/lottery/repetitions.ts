import type { Batch, UnnumberedBatch } from "./batch.ts";
import type { AgencyId } from "./bet.ts";
import type { DrawBook } from "./draw-book.ts";

/**
 * Gives numbers to batches of dialects that have none, and recognises those that come again.
 *
 * An agency that is started anew sends its file from the first bet, so what it sends begins with the
 * batches that are stored: the n-th batch of its run with the n-th of them. Such a batch gets the
 * number it had, which the book then calls a duplicate. For every agency this keeps which stored batch
 * a run that repeats must send next; what is stored is known by the book's chain heads, so that a
 * restart of the central forgets nothing but where in a repetition an agency was.
 *
 * docs/replays.md says which repetitions this finds, which it cannot find, and what it may take for
 * one.
 */
export class Repetitions {
  readonly #book: DrawBook;
  readonly #detect: boolean;
  /** By agency: the stored batch that comes next in the repetition under way. */
  readonly #awaited = new Map<AgencyId, number>();

  /** @param mode `store`: every batch is new */
  constructor(book: DrawBook, mode: ReplayMode) {
    this.#book = book;
    this.#detect = mode === "detect";
  }

  /** The batch under its number: one that is stored, when it comes again, else the agency's next. */
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
        // One that fits nowhere may be a straggler of a run that ended: the repetition goes on.
        return this.#follow(batch, awaited, last) ?? this.#follow(batch, 1, last);
      case "following":
        this.#awaited.delete(batch.agency);
        return this.#follow(batch, awaited, last);
      default:
        return batch.place satisfies never;
    }
  }

  /** @returns `sequence` if the batch is the one stored under it; the one after it is awaited then */
  #follow(batch: UnnumberedBatch, sequence: number | undefined, last: number): number | undefined {
    if (sequence === undefined || sequence > last || !this.#book.holds(batch, sequence)) {
      return undefined;
    }
    if (sequence < last) this.#awaited.set(batch.agency, sequence + 1);
    else this.#awaited.delete(batch.agency);
    return sequence;
  }
}

/** `detect`: batches without numbers that come again are stored once; `store`: all are stored. */
export type ReplayMode = "detect" | "store";
