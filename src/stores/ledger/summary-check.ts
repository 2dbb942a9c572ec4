import { join } from "node:path";
import type { Disk } from "../disk/disk.ts";
import { readWhole } from "../disk/disk-io.ts";
import { summaryName } from "./layout.ts";
import { LedgerCorrupt } from "./ledger-corrupt.ts";
import type { ReplayedRecord } from "./replay-files.ts";
import { decodeSummary, SummaryBuilder } from "./summary.ts";

/**
 * Holds summaries against the records they sum up. One that is missing or broken is no flaw: the next
 * start does without. One that is whole and wrong would be believed.
 */
export class SummaryCheck {
  readonly #disk: Disk;
  readonly #dir: string;
  #segment = 0;
  #builder = new SummaryBuilder(0);
  /** The summary that is not held against all of its records yet. */
  #bytes: Buffer | undefined;
  #end = 0;

  constructor(disk: Disk, dir: string) {
    this.#disk = disk;
    this.#dir = dir;
  }

  /** @throws LedgerCorrupt */
  async expect({ image, record, winners }: ReplayedRecord): Promise<void> {
    if (image.number !== this.#segment) {
      // Records go to the next segment, and the summary of this one tells of more.
      if (this.#bytes !== undefined) throw this.#wrong();
      await this.#begin(image.number);
    }
    if (this.#bytes === undefined) return;
    this.#builder.add(record, winners, record.at, record.end);
    if (record.end < this.#end) return;
    if (record.end > this.#end || !this.#builder.encode().equals(this.#bytes)) throw this.#wrong();
    this.#bytes = undefined;
  }

  async #begin(segment: number): Promise<void> {
    this.#segment = segment;
    this.#builder = new SummaryBuilder(segment);
    const bytes = await readWhole(this.#disk, this.#path());
    const summary = bytes === undefined ? undefined : decodeSummary(bytes, segment);
    this.#end = summary?.end ?? 0;
    this.#bytes = summary === undefined ? undefined : bytes;
  }

  #wrong(): LedgerCorrupt {
    return new LedgerCorrupt({
      file: this.#path(),
      at: undefined,
      expected: "the summary of its segment's records",
      found: "another (remove the file to have it made again)",
    });
  }

  #path(): string {
    return join(this.#dir, summaryName(this.#segment));
  }
}
