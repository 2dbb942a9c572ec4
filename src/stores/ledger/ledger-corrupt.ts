import { StoreError } from "../../store/store-error.ts";

/** The place where a file does not have what was written, and the difference. */
export interface LedgerFlaw {
  /** Path of the file. */
  readonly file: string;
  /** Byte, or line from 1 in `bets.csv`. */
  readonly at: { readonly offset: number } | { readonly line: number } | undefined;
  readonly expected: string;
  readonly found: string;
}

/** A {@link LedgerFlaw} that cannot be repaired here: the ledger is not opened, and not sealed. */
export class LedgerCorrupt extends StoreError {
  readonly flaw: LedgerFlaw;

  constructor(flaw: LedgerFlaw) {
    super(
      "LEDGER_CORRUPT",
      `Cannot trust the ledger: ${describeFlaw(flaw)}; restore the file from a copy (docs/ledger.md)`,
    );
    this.name = "LedgerCorrupt";
    this.flaw = flaw;
  }
}

/** `FILE at byte N: expected X, found Y`. */
export function describeFlaw({ file, at, expected, found }: LedgerFlaw): string {
  const place =
    at === undefined ? "" : "line" in at ? ` at line ${at.line}` : ` at byte ${at.offset}`;
  return `${file}${place}: expected ${expected}, found ${found}`;
}
