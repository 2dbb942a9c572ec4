import { join } from "node:path";
import { crc32 } from "node:zlib";
import { HEAD_BYTES } from "../lottery/chain.ts";
import type { Disk } from "../store/disk.ts";
import { readWhole, replaceBytes } from "../store/disk-io.ts";
import { type RecordKind, summaryName } from "./layout.ts";
import { type LedgerRecord, readUInt64, writeUInt64 } from "./record.ts";

/** What a restart needs to know of one record. */
export interface SummaryEntry {
  readonly kind: RecordKind;
  readonly agency: number;
  readonly sequence: number;
  readonly count: number;
  readonly head: Uint8Array;
  /** Canonical lines of the bets that win, without their ends. */
  readonly winners: readonly string[];
}

/**
 * What a segment's records come to: a cache beside the segment, so that a restart need not read bets.
 * It may be missing, broken or end before the segment does; it is never wrong.
 */
export interface Summary {
  /** Offset after the last record that it covers. */
  readonly end: number;
  /** Offset of that record. */
  readonly lastAt: number;
  /** The flush that wrote that record; the flush ended there. */
  readonly lastGroup: number;
  readonly entries: readonly SummaryEntry[];
}

const MAGIC = "QNLSUMRY";
/** A summary of another version is made again from its segment. */
const SUMMARY_VERSION = 2;
const HEADER_BYTES = 36;
const ENTRY_BYTES = 24 + HEAD_BYTES;
const CRC_BYTES = 4;

/** Gathers a segment's summary while its records are written or read. */
export class SummaryBuilder {
  readonly #segment: number;
  #bytes = Buffer.alloc(4096);
  #used = HEADER_BYTES;
  #entries = 0;
  #lastAt = 0;
  #end = 0;
  #lastGroup = 0;

  constructor(segment: number, known?: Summary) {
    this.#segment = segment;
    if (known === undefined) return;
    for (const entry of known.entries) this.#addEntry(entry, entry.winners);
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
  add(
    record: Omit<LedgerRecord, "body">,
    winners: readonly string[],
    at: number,
    end: number,
  ): void {
    this.#addEntry(record, winners);
    this.#setLast(at, end, record.group);
  }

  /** The file, for what was added so far. */
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

  #addEntry(entry: Omit<SummaryEntry, "winners">, winners: readonly string[]): void {
    const bytes = this.#reserve(ENTRY_BYTES);
    const at = this.#used;
    bytes.writeUInt32BE(entry.kind * 0x1_00_00_00, at);
    bytes.writeUInt32BE(entry.agency, at + 4);
    writeUInt64(bytes, entry.sequence, at + 8);
    bytes.writeUInt32BE(entry.count, at + 16);
    bytes.writeUInt32BE(winners.length, at + 20);
    bytes.set(entry.head, at + 24);
    this.#used += ENTRY_BYTES;
    for (const line of winners) this.#addWinner(line);
    this.#entries++;
  }

  #addWinner(line: string): void {
    const lineBytes = Buffer.byteLength(line);
    const bytes = this.#reserve(2 + lineBytes);
    bytes.writeUInt16BE(lineBytes, this.#used);
    bytes.write(line, this.#used + 2);
    this.#used += 2 + lineBytes;
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

/** Writes a summary. It only spares a start some reading: one that cannot be written is done without. */
export async function writeSummary(
  disk: Disk,
  dir: string,
  segment: number,
  builder: SummaryBuilder,
): Promise<void> {
  await replaceBytes(disk, dir, summaryName(segment), builder.encode()).catch(() => undefined);
}

/** @returns undefined when there is none, or none that is whole */
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
  const entries: SummaryEntry[] = [];
  // The CRC has vouched for every count and length from here on.
  for (let at = HEADER_BYTES, left = bytes.readUInt32BE(32); left > 0; left--) {
    const winners: string[] = [];
    const head = bytes.subarray(at + 24, at + ENTRY_BYTES);
    let next = at + ENTRY_BYTES;
    for (let count = bytes.readUInt32BE(at + 20); count > 0; count--) {
      const end = next + 2 + bytes.readUInt16BE(next);
      winners.push(bytes.toString("utf8", next + 2, end));
      next = end;
    }
    entries.push({
      kind: bytes.readUInt8(at) as RecordKind,
      agency: bytes.readUInt32BE(at + 4),
      sequence: readUInt64(bytes, at + 8) ?? 0,
      count: bytes.readUInt32BE(at + 16),
      head,
      winners,
    });
    at = next;
  }
  return { end: bytes.readUInt32BE(16), lastAt: bytes.readUInt32BE(20), lastGroup, entries };
}
