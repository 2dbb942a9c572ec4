import { hash } from "node:crypto";
import { formatReceipt, type Receipt } from "../../lottery/receipt.ts";
import type { PlacedRecord } from "./record.ts";

/** How many receipts were given, and how many of them agree with the ledger. */
export interface CheckedReceipts {
  readonly given: number;
  readonly agree: number;
}

/** Compares agencies' receipts with the batches of a ledger. */
export class ReceiptCheck {
  readonly #given: number;
  /** Receipts whose batches were not seen yet, by agency and sequence. */
  readonly #open = new Map<string, Receipt>();
  #agree = 0;
  #difference: string | undefined;

  constructor(receipts: readonly Receipt[]) {
    this.#given = receipts.length;
    for (const receipt of receipts) {
      const key = keyOf(receipt);
      const other = this.#open.get(key);
      if (other === undefined) this.#open.set(key, receipt);
      else this.#difference ??= twoFor(receipt, other);
    }
  }

  /** So far. */
  get checked(): CheckedReceipts {
    return { given: this.#given, agree: this.#agree };
  }

  /** @param batch a record of a batch */
  see(batch: PlacedRecord): void {
    if (this.#open.size === 0) return;
    const key = keyOf(batch);
    const receipt = this.#open.get(key);
    if (receipt === undefined) return;
    this.#open.delete(key);
    const expected = formatReceipt(receipt);
    const found = formatReceipt({
      draw: receipt.draw,
      agency: batch.agency,
      sequence: batch.sequence,
      bets: batch.count,
      linesHash: hash("sha256", batch.body),
      head: batch.head.toString("hex"),
    });
    if (found === expected) this.#agree++;
    else this.#difference ??= differenceOf(receipt, found.trimEnd());
  }

  /** @returns the first difference, once all batches were seen */
  end(): string | undefined {
    const [missing] = this.#open.values();
    if (missing !== undefined) this.#difference ??= differenceOf(missing, "no such batch");
    return this.#difference;
  }
}

function keyOf({ agency, sequence }: { agency: number; sequence: number }): string {
  return `${agency}/${sequence}`;
}

function differenceOf(receipt: Receipt, found: string): string {
  return `${nameOf(receipt)}: expected ${formatReceipt(receipt).trimEnd()}, and the ledger has ${found}`;
}

function twoFor(receipt: Receipt, other: Receipt): string {
  const [one, two] = [other, receipt].map((each) => formatReceipt(each).trimEnd());
  return `${nameOf(receipt)}: expected one, and there are two: ${one} and ${two}`;
}

function nameOf({ sequence, agency }: Receipt): string {
  return `the receipt of batch ${sequence} of agency ${agency}`;
}
