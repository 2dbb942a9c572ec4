import { join } from "node:path";
import { crc32 } from "node:zlib";
import { HEAD_BYTES } from "../../lottery/chain.ts";
import type { WinnersSum } from "../../lottery/winners.ts";
import { readWhole, replaceBytes } from "../disk/disk-io.ts";
import type { Disk } from "../disk/disk.ts";
import { ACT, type RecordKind, summaryName } from "./layout.ts";
import { LedgerCorrupt } from "./ledger-corrupt.ts";
import { type LedgerRecord, readUInt64, writeUInt64 } from "./record.ts";
import type { ReplayedRecord } from "./replay-files.ts";

/** What a restart needs to know of one record. */
export interface SummaryEntry {
  readonly kind: RecordKind;
  readonly agency: number;
  readonly sequence: number;
  readonly count: number;
  readonly head: Uint8Array;
  /** Offset of the record. */
  readonly at: number;
  /** The sums of its bets that win. */
  readonly winners: WinnersSum;
}

/**
 * What a restart needs to know of a segment's records: a cache beside the segment, so that the bets need not
 * be read. It may be missing or broken, or cover only the first records; what it says is never wrong.
 */
export interface Summary {
  /** Offset after the last record that it covers. */
  readonly end: number;
  /** Offset of that record. */
  readonly lastAt: number;
  /** The flush that wrote that record; the flush ended there. */
  readonly lastGroup: number;
  /** How many records it covers. */
  readonly count: number;
  /** The file up to its CRC: what {@link entriesOf} reads. */
  readonly bytes: Buffer;
}

const MAGIC = "QNLSUMRY";
/** A summary of another version is made again from its segment. */
const SUMMARY_VERSION = 3;
const HEADER_BYTES = 36;
const ENTRY_HEAD_AT = 28;
const ENTRY_BYTES = ENTRY_HEAD_AT + HEAD_BYTES;
const CRC_BYTES = 4;

/** Builds a segment's summary while its records are written or read. */
export class SummaryBuilder {
  readonly #segment: number;
  #bytes: Buffer = Buffer.alloc(4096);
  #used = HEADER_BYTES;
  #entries = 0;
  #lastAt = 0;
  #end = 0;
  #lastGroup = 0;

  constructor(segment: number, known?: Summary) {
    this.#segment = segment;
    if (known === undefined) return;
    this.#bytes = known.bytes;
    this.#used = known.bytes.length;
    this.#entries = known.count;
    this.#setLast(known.lastAt, known.end, known.lastGroup);
  }

  get empty(): boolean {
    return this.#entries === 0;
  }

  /** Offset after the last record that was added. */
  get end(): number {
    return this.#end;
  }

  /** @param at offset of the record @param end offset after it */
  add(record: Omit<LedgerRecord, "body">, winners: WinnersSum, at: number, end: number): void {
    this.#addEntry(record, winners, at);
    this.#setLast(at, end, record.group);
  }

  /** The contents of the file, with all records added so far. */
  encode(): Buffer {
    const bytes = Buffer.alloc(this.#used + CRC_BYTES);
    this.#bytes.copy(bytes, 0, 0, this.#used);
    bytes.write(MAGIC, 0, "latin1");
    bytes.writeUInt32BE(SUMMARY_VERSION, 8);
    bytes.writeUInt32BE(this.#segment, 12);
    bytes.writeUInt32BE(this.#end, 16);
    bytes.writeUInt32BE(this.#lastAt, 20);
    writeUInt64(bytes, this.#lastGroup, 24);
    bytes.writeUInt32BE(this.#entries, 32);
    bytes.writeUInt32BE(crc32(bytes.subarray(0, this.#used)), this.#used);
    return bytes;
  }

  #addEntry(record: Omit<LedgerRecord, "body">, winners: WinnersSum, recordAt: number): void {
    const bytes = this.#reserve(ENTRY_BYTES);
    const at = this.#used;
    bytes.writeUInt32BE(record.kind * 0x1_00_00_00 + recordAt, at);
    bytes.writeUInt32BE(record.agency, at + 4);
    writeUInt64(bytes, record.sequence, at + 8);
    bytes.writeUInt32BE(record.count, at + 16);
    bytes.writeUInt32BE(winners.count, at + 20);
    bytes.writeUInt32BE(winners.documentBytes, at + 24);
    bytes.set(record.head, at + ENTRY_HEAD_AT);
    this.#used += ENTRY_BYTES;
    this.#entries++;
  }

  #setLast(at: number, end: number, group: number): void {
    this.#lastAt = at;
    this.#end = end;
    this.#lastGroup = group;
  }

  #reserve(bytes: number): Buffer {
    if (this.#used + bytes > this.#bytes.length) {
      const grown = Buffer.alloc(Math.max(this.#used + bytes, this.#bytes.length * 2));
      this.#bytes.copy(grown, 0, 0, this.#used);
      this.#bytes = grown;
    }
    return this.#bytes;
  }
}

/** Writes a summary. Ignores errors: without the summary the next start only reads more. */
export async function writeSummary(
  disk: Disk,
  dir: string,
  segment: number,
  builder: SummaryBuilder,
): Promise<void> {
  await replaceBytes(disk, dir, summaryName(segment), builder.encode()).catch(() => undefined);
}

/** @returns undefined when there is no summary, or it is not whole */
export async function readSummary(
  disk: Disk,
  dir: string,
  segment: number,
): Promise<Summary | undefined> {
  const bytes = await readWhole(disk, join(dir, summaryName(segment)));
  return bytes === undefined ? undefined : decodeSummary(bytes, segment);
}

/** @returns undefined when the bytes are not a whole summary of the segment */
export function decodeSummary(bytes: Buffer, segment: number): Summary | undefined {
  const limit = bytes.length - CRC_BYTES;
  if (limit < HEADER_BYTES || bytes.readUInt32BE(limit) !== crc32(bytes.subarray(0, limit))) {
    return undefined;
  }
  const lastGroup = readUInt64(bytes, 24);
  const fits =
    bytes.toString("latin1", 0, 8) === MAGIC &&
    bytes.readUInt32BE(8) === SUMMARY_VERSION &&
    bytes.readUInt32BE(12) === segment;
  if (!fits || lastGroup === undefined) return undefined;
  // The CRC was right, so the count and the entries need no check.
  return {
    end: bytes.readUInt32BE(16),
    lastAt: bytes.readUInt32BE(20),
    lastGroup,
    count: bytes.readUInt32BE(32),
    bytes: bytes.subarray(0, limit),
  };
}

/** Yields one entry at a time: a segment may have a hundred thousand records. */
export function* entriesOf({ bytes }: Summary): Generator<SummaryEntry, void> {
  for (let at = HEADER_BYTES; at < bytes.length; at += ENTRY_BYTES) {
    const tag = bytes.readUInt32BE(at);
    yield {
      kind: Math.floor(tag / 0x1_00_00_00) as RecordKind,
      agency: bytes.readUInt32BE(at + 4),
      sequence: readUInt64(bytes, at + 8) ?? 0,
      count: bytes.readUInt32BE(at + 16),
      head: bytes.subarray(at + ENTRY_HEAD_AT, at + ENTRY_BYTES),
      at: tag % 0x1_00_00_00,
      winners: { count: bytes.readUInt32BE(at + 20), documentBytes: bytes.readUInt32BE(at + 24) },
    };
  }
}

/**
 * The offset of the first record that must be read although the summary covers it: the last one, to compare
 * it, and acts, whose text is not in the summary.
 */
export function firstToRead(summary: Summary): number {
  for (const { kind, at } of entriesOf(summary)) if (kind === ACT) return at;
  return summary.lastAt;
}

/**
 * Compares summaries with the records that they cover. A summary that is missing or broken is not a flaw: the
 * next start does not use it. A whole summary that is wrong is one: the next start would believe it.
 */
export class SummaryCheck {
  readonly #disk: Disk;
  readonly #dir: string;
  #segment = 0;
  #builder = new SummaryBuilder(0);
  /** The bytes of the summary, until it is compared with all its records. */
  #bytes: Buffer | undefined;
  #end = 0;

  constructor(disk: Disk, dir: string) {
    this.#disk = disk;
    this.#dir = dir;
  }

  /** @throws LedgerCorrupt */
  async expect({ image, record, winners }: ReplayedRecord): Promise<void> {
    if (image.number !== this.#segment) {
      // The records of the segment have ended, and its summary covers more.
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
