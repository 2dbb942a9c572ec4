import type { Batch } from "../../src/lottery/batch.ts";
import type { DrawBook } from "../../src/lottery/draw-book.ts";
import { sumWinners } from "../../src/lottery/winners.ts";

/** Enters a batch that the book has called new, with the head that it gave, as a store does. */
export function enterBatch(book: DrawBook, batch: Batch, head: Uint8Array): void {
  const { agency, sequence, count, lines } = batch;
  book.enterSummary(agency, sequence, count, head, sumWinners(lines, book.winningNumber));
}
