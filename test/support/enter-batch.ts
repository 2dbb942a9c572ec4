import type { Batch } from "../../src/lottery/batch.ts";
import type { DrawBook } from "../../src/lottery/draw-book.ts";
import { sumWinners } from "../../src/lottery/winners.ts";

/** Enters a batch that the book has weighed and called new, with the head it gave: what a store does. */
export function enterBatch(book: DrawBook, batch: Batch, head: Uint8Array): void {
  const { agency, sequence, count, lines } = batch;
  book.enterSummary(agency, sequence, count, head, sumWinners(lines, book.winningNumber));
}
