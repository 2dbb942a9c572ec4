import { createHash, type Hash } from "node:crypto";
import { join } from "node:path";
import { DrawBook } from "../../lottery/draw-book.ts";
import { plural } from "../../lottery/plural.ts";
import { openIfThere, readFully, replaceFile, writeFully } from "../disk/disk-io.ts";
import type { Disk, DiskFile } from "../disk/disk.ts";
import {
  BETS_FILE,
  type FileDigest,
  readSealFile,
  SEAL_FILE,
  sealFile,
  writeSealFile,
} from "../engine/seal-file.ts";
import { BATCH } from "./layout.ts";
import { LedgerCorrupt, type LedgerFlaw } from "./ledger-corrupt.ts";
import { replayFiles } from "./replay-files.ts";
import { Replay } from "./replay.ts";

/**
 * Writes `bets.csv` and `seal.json` of a sealed draw, unless they are there. Every record is read and checked
 * against all records before it once more: the files have what was confirmed, or they are not written.
 *
 * @returns true when it wrote them, false when they were there
 * @throws LedgerCorrupt when the segments, or a `seal.json` that is there, do not agree with the book
 */
export async function publishDraw(
  disk: Disk,
  dir: string,
  book: DrawBook,
  signal: AbortSignal,
): Promise<boolean> {
  const seal = hex(book.seal);
  const there = await publishedSeal(disk, dir);
  if (there !== undefined) {
    expectSame(join(dir, SEAL_FILE), seal, there);
    return false;
  }
  const replay = new Replay(new DrawBook(book.plan));
  const betsCsv = await writeBetsFile(disk, dir, linesOf(disk, dir, replay), signal);
  expectSame(dir, seal, hex(replay.book.seal));
  await writeSealFile(disk, dir, sealFile(book, betsCsv));
  return true;
}

async function* linesOf(disk: Disk, dir: string, replay: Replay): AsyncGenerator<Uint8Array> {
  const records = replayFiles(disk, dir, replay);
  let step = await records.next();
  for (; step.done !== true; step = await records.next()) {
    if (step.value.record.kind === BATCH) yield step.value.record.body;
  }
  const tail = step.value;
  if (tail === undefined) return;
  const found = `${plural(tail.bytes, "byte")} that are no record`;
  const at = { offset: tail.offset };
  throw new LedgerCorrupt({ file: tail.file, at, expected: "zeros to the end", found });
}

/**
 * The seal that `seal.json` states.
 * @returns undefined when `seal.json` or `bets.csv` is missing: then both are written
 */
async function publishedSeal(disk: Disk, dir: string): Promise<unknown> {
  const contents = await readSealFile(disk, dir);
  if (contents === undefined) return undefined;
  const bets = await openIfThere(disk, join(dir, BETS_FILE));
  if (bets === undefined) return undefined;
  await bets.close();
  return typeof contents === "object" && contents !== null && "seal" in contents
    ? contents.seal
    : "none";
}

function expectSame(file: string, expected: unknown, found: unknown): void {
  if (expected === found) return;
  throw new LedgerCorrupt({
    file,
    at: undefined,
    expected: `seal ${String(expected)}`,
    found: String(found),
  });
}

function hex(bytes: Uint8Array | undefined): string | undefined {
  return bytes === undefined ? undefined : Buffer.from(bytes).toString("hex");
}

/** So many bytes are gathered before they are written. */
const WRITE_BYTES = 256 * 1024;

/**
 * Writes `bets.csv` from lines as they come, with bounded memory; the whole file or none.
 *
 * @param signal stops between two writes
 */
async function writeBetsFile(
  disk: Disk,
  dir: string,
  lines: AsyncIterable<Uint8Array>,
  signal: AbortSignal,
): Promise<FileDigest> {
  return replaceFile(disk, dir, BETS_FILE, async (file) => {
    const writer = new BetsFileWriter(file);
    for await (const chunk of lines) {
      signal.throwIfAborted();
      await writer.add(chunk);
    }
    return writer.end();
  });
}

class BetsFileWriter {
  readonly #file: DiskFile;
  readonly #hash: Hash = createHash("sha256");
  readonly #buffer = Buffer.allocUnsafe(WRITE_BYTES);
  #used = 0;
  #written = 0;

  constructor(file: DiskFile) {
    this.#file = file;
  }

  async add(lines: Uint8Array): Promise<void> {
    if (this.#used + lines.length > WRITE_BYTES) await this.#flush();
    if (lines.length > WRITE_BYTES) {
      await this.#write(lines);
    } else {
      this.#buffer.set(lines, this.#used);
      this.#used += lines.length;
    }
  }

  async end(): Promise<FileDigest> {
    await this.#flush();
    return { sha256: this.#hash.digest("hex"), bytes: this.#written };
  }

  async #flush(): Promise<void> {
    await this.#write(this.#buffer.subarray(0, this.#used));
    this.#used = 0;
  }

  async #write(bytes: Uint8Array): Promise<void> {
    this.#hash.update(bytes);
    await writeFully(this.#file, bytes, this.#written);
    this.#written += bytes.length;
  }
}

/** Splits text into lines that keep their ends: the end may be what differs. */
const LINE_START = /(?<=\n)/;

/**
 * Compares `bets.csv` with the lines of the ledger, piece by piece: the whole file is never in memory.
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

  /** @param lines the next `count` lines that the file must have */
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

  /** Call it after the last {@link expect}. @returns the first difference */
  async end(): Promise<LedgerFlaw | undefined> {
    if (this.#file === undefined || this.#flaw !== undefined) return this.#flaw;
    const surplus = (await this.#file.size()) - this.#bytes;
    if (surplus === 0) return undefined;
    const at = { line: this.#line };
    return { file: this.path, at, expected: "the end", found: `${plural(surplus, "byte")} more` };
  }

  /** The digest of all lines that the file must have. It can be called once. */
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
