import { plural } from "../../lottery/plural.ts";
import type { DrawBook } from "../../lottery/draw-book.ts";
import { SEAL_FILE } from "../engine/seal-file.ts";
import { LedgerCorrupt } from "./ledger-corrupt.ts";

/**
 * `seal.json` is written after the seal: a ledger that ends before it has lost its end.
 *
 * @param sealFile what the file held before the ledger was read; undefined when there was none
 * @throws LedgerCorrupt
 */
export function expectSealed(dir: string, book: DrawBook, sealFile: unknown): void {
  if (sealFile === undefined || book.state !== "open" || book.complete) return;
  throw new LedgerCorrupt({
    file: dir,
    at: undefined,
    expected: `the seal that ${SEAL_FILE} tells of`,
    found: `records of a draw that is open, ${book.doneCount} of ${plural(book.agencies, "agency")} done`,
  });
}
