import { createHash, type Hash } from "node:crypto";
import { join } from "node:path";
import { plural } from "../../lottery/plural.ts";
import type { Disk, DiskFile } from "../disk/disk.ts";
import { openIfThere, readFully } from "../disk/disk-io.ts";
import { BETS_FILE, type FileDigest } from "../engine/seal-file.ts";
import type { LedgerFlaw } from "./ledger-corrupt.ts";

/** Between two lines: a line keeps its end, which may be what differs. */
const LINE_START = /(?<=\n)/;

/**
 * `bets.csv`, held piece by piece against what the ledger says it must be. It is never in memory
 * whole.
 */
export class PublishedBets {
  readonly path: string;
  readonly #file: DiskFile | undefined;
  readonly #hash: Hash = createHash("sha256");
  #bytes = 0;
  #line = 1;
  #flaw: LedgerFlaw | undefined;

  private constructor(path: string, file: DiskFile | undefined) {
    this.path = path;
    this.#file = file;
  }

  static async open(disk: Disk, dir: string): Promise<PublishedBets> {
    const path = join(dir, BETS_FILE);
    return new PublishedBets(path, await openIfThere(disk, path));
  }

  get missing(): boolean {
    return this.#file === undefined;
  }

  /** @param lines the next of the lines that the file must have, `count` of them */
  async expect(lines: Buffer, count: number): Promise<void> {
    this.#hash.update(lines);
    if (this.#file !== undefined && this.#flaw === undefined) {
      const there = Buffer.alloc(lines.length);
      const read = there.subarray(0, await readFully(this.#file, there, this.#bytes));
      if (!read.equals(lines)) this.#flaw = this.#compare(lines, read);
    }
    this.#bytes += lines.length;
    this.#line += count;
  }

  /** @returns the first difference, once every line was expected */
  async end(): Promise<LedgerFlaw | undefined> {
    if (this.#file === undefined || this.#flaw !== undefined) return this.#flaw;
    const surplus = (await this.#file.size()) - this.#bytes;
    if (surplus === 0) return undefined;
    const at = { line: this.#line };
    return { file: this.path, at, expected: "the end", found: `${plural(surplus, "byte")} more` };
  }

  /** What the file must be, as far as it was expected; once. */
  digest(): FileDigest {
    return { sha256: this.#hash.digest("hex"), bytes: this.#bytes };
  }

  async close(): Promise<void> {
    await this.#file?.close();
  }

  #compare(lines: Buffer, read: Buffer): LedgerFlaw {
    const [expected, found] = [lines, read].map((bytes) =>
      bytes.toString("utf8").split(LINE_START),
    );
    const at = (expected ?? []).findIndex((line, index) => line !== found?.[index]);
    return {
      file: this.path,
      at: { line: this.#line + at },
      expected: JSON.stringify(expected?.[at] ?? ""),
      found: JSON.stringify(found?.[at] ?? ""),
    };
  }
}
