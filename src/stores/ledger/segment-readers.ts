import { join } from "node:path";
import type { Clock } from "../../clock.ts";
import { type Disk, type DiskFile, isShortage } from "../disk/disk.ts";
import { readFully } from "../disk/disk-io.ts";
import { StoreError } from "../../store/store-error.ts";
import { PREFIX_BYTES, SEGMENT_BYTES_MAX, segmentName } from "./layout.ts";

/** The number of reads at once: Node has so many threads for them. */
const READERS_MAX = 4;
const WINDOW_BYTES = 64 * 1024;
/** How long to wait for a descriptor or memory: connections that end give theirs back. */
const RETRY_MS = 100;

/** Bytes of a segment. */
export interface SegmentPiece {
  readonly path: string;
  /** Offset of the bytes in the segment. */
  readonly from: number;
  readonly bytes: Buffer;
}

/**
 * Reads pieces of segments for any number of callers, with a few open files and buffers. A caller waits for
 * its turn while all are in use, so the number of peers does not decide how many files and buffers there are.
 */
export class SegmentReaders {
  readonly #disk: Disk;
  readonly #dir: string;
  readonly #clock: Clock;
  readonly #idle: Reader[] = [];
  #made = 0;
  #waiting: ((reader: Reader) => void)[] = [];
  #closed = false;
  #emptied: (() => void) | undefined;

  constructor({ disk, dir, clock }: { disk: Disk; dir: string; clock: Clock }) {
    this.#disk = disk;
    this.#dir = dir;
    this.#clock = clock;
  }

  /**
   * Reads from a record's first byte on: the whole record, and the bytes after it that fit into the buffer.
   *
   * @param take uses the bytes, which are valid until it returns
   * @throws StoreError `STORE_CLOSED`; the system's error
   */
  async read<T>(segment: number, offset: number, take: (piece: SegmentPiece) => T): Promise<T> {
    const reader = await this.#reader(segment);
    try {
      this.#expectOpen();
      await this.#open(reader, segment);
      return take(await piece(reader, offset));
    } finally {
      this.#giveBack(reader);
    }
  }

  /** Reads nothing more, and resolves when all files are closed. Never rejects: the files were only read. */
  async close(): Promise<void> {
    this.#closed = true;
    if (this.#idle.length < this.#made) {
      await new Promise<void>((resolve) => {
        this.#emptied = resolve;
      });
    }
    for (const reader of this.#idle) await closeFile(reader).catch(() => undefined);
  }

  /** An idle reader: if possible one that has the segment open. */
  #reader(segment: number): Promise<Reader> | Reader {
    this.#expectOpen();
    const open = this.#idle.findIndex(({ number }) => number === segment);
    const [reader] = open < 0 ? [] : this.#idle.splice(open, 1);
    if (reader !== undefined) return reader;
    if (this.#made < READERS_MAX) {
      this.#made++;
      return { number: 0, file: undefined, window: Buffer.allocUnsafeSlow(WINDOW_BYTES) };
    }
    return this.#idle.shift() ?? new Promise((resolve) => this.#waiting.push(resolve));
  }

  #giveBack(reader: Reader): void {
    const next = this.#waiting.shift();
    if (next !== undefined) return next(reader);
    this.#idle.push(reader);
    if (this.#idle.length === this.#made) this.#emptied?.();
  }

  async #open(reader: Reader, segment: number): Promise<void> {
    if (reader.number === segment) return;
    await closeFile(reader);
    const path = join(this.#dir, segmentName(segment));
    while (reader.file === undefined) {
      try {
        reader.file = await this.#disk.open(path, { mode: "read" });
        reader.number = segment;
      } catch (error) {
        if (!isShortage(error)) throw error;
        await new Promise<void>((resolve) => void this.#clock.after(RETRY_MS, resolve));
        this.#expectOpen();
      }
    }
  }

  #expectOpen(): void {
    if (this.#closed) throw new StoreError("STORE_CLOSED", "Cannot read: the store is closed");
  }
}

interface Reader {
  /** Number of the segment that is open; 0 for none. */
  number: number;
  file: DiskFile | undefined;
  readonly window: Buffer;
}

async function piece({ file, window }: Reader, from: number): Promise<SegmentPiece> {
  if (file === undefined) throw new RangeError("Cannot read: no segment is open");
  const { path } = file;
  const read = window.subarray(0, await readFully(file, window, from));
  const wanted = read.length < PREFIX_BYTES ? 0 : PREFIX_BYTES + read.readUInt32BE(0);
  if (wanted <= read.length || wanted > SEGMENT_BYTES_MAX) return { path, from, bytes: read };
  // The record is larger than the buffer: read it into memory that is freed afterwards.
  const bytes = Buffer.allocUnsafeSlow(wanted);
  return { path, from, bytes: bytes.subarray(0, await readFully(file, bytes, from)) };
}

async function closeFile(reader: Reader): Promise<void> {
  const { file } = reader;
  reader.number = 0;
  reader.file = undefined;
  await file?.close();
}
