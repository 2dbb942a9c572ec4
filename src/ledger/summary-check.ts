import { join } from "node:path";
import type { Disk } from "../store/disk.ts";
import { readWhole } from "../store/disk-io.ts";
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
  #bytes: Buffer | undefined;
  #end: number | undefined;

  constructor(disk: Disk, dir: string) {
    this.#disk = disk;
    this.#dir = dir;
  }

  /** @throws LedgerCorrupt */
  async expect({ image, record, winners }: ReplayedRecord): Promise<void> {
    if (image.number !== this.#segment) await this.#begin(image.number);
    if (this.#end === undefined) return;
    this.#builder.add(record, winners, record.at, record.end);
    if (record.end !== this.#end || this.#bytes === undefined) return;
    if (this.#builder.encode().equals(this.#bytes)) return;
    throw new LedgerCorrupt({
      file: join(this.#dir, summaryName(image.number)),
      at: undefined,
      expected: `the summary of the segment's records up to byte ${record.end}`,
      found: "another (remove the file to have it made again)",
    });
  }

  async #begin(segment: number): Promise<void> {
    this.#segment = segment;
    this.#builder = new SummaryBuilder(segment);
    this.#bytes = await readWhole(this.#disk, join(this.#dir, summaryName(segment)));
    this.#end = this.#bytes === undefined ? undefined : decodeSummary(this.#bytes, segment)?.end;
  }
}
