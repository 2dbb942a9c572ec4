import { join } from "node:path";
import type { Clock } from "../../clock.ts";
import type { Delays } from "../delays.ts";
import { alignedBuffer, isWhole } from "../disk/aligned-memory.ts";
import { TEMP_SUFFIX, writeFully } from "../disk/disk-io.ts";
import { type Disk, type DiskFile, isShortage } from "../disk/disk.ts";
import type { Ownership } from "../disk/ownership.ts";
import type { FailureLatch } from "../failure-latch.ts";
import {
  CONTROL_RECORD_BYTES_MAX,
  RECORD_HEADER_BYTES,
  SEGMENT_HEADER_BYTES,
  segmentName,
} from "./layout.ts";
import type { Recovered } from "./recover.ts";
import { roomToEnd } from "./reserve.ts";
import { encodeSegmentHeader } from "./segment-image.ts";

/** How many zero-filled segments are ready while one is written; each takes two descriptors. */
const AHEAD_MIN = 2;
const AHEAD_MAX = 6;
/** Bytes of zeros per write. Each write is synced on its own, so that a flush never waits long for one. */
const FILL_BYTES = 256 * 1024;
/** The same when no segment is ready: then flushes wait for it, and fewer, larger writes are faster. */
const FILL_BYTES_URGENT = 1024 * 1024;
const RETRY_MS = 1000;
const PREPARING = "prepare a segment";

const ZEROS = alignedBuffer(FILL_BYTES_URGENT);

/** A segment that is open for records. */
export interface Segment {
  readonly number: number;
  readonly file: DiskFile;
  readonly bytes: number;
  /** Offset after the last record, written or pending. */
  used: number;
}

export interface SegmentChainOptions {
  readonly disk: Disk;
  readonly dir: string;
  readonly clock: Clock;
  readonly latch: FailureLatch;
  readonly ownership: Pick<Ownership, "expectOurs" | "isOurs">;
  readonly delays: Delays;
  readonly sizes: Pick<SegmentSizes, "ofSegment" | "aheadBytes" | "recordBytesMax">;
  /** Called when a segment has become ready, or when the system is found to be short of something. */
  readonly onChange: () => void;
}

/**
 * The segments that records go to: one that is written, and some that are ready. A ready segment has only
 * zeros, on stable storage. So its space cannot run out, and a write into it changes no metadata of the file
 * system: it costs about half of a write that makes a file longer.
 */
export class SegmentChain {
  readonly #options: SegmentChainOptions;
  #current: Segment | undefined;
  readonly #ready: Segment[] = [];
  #count = 0;
  /** The room that ready segments surely have for records: at the end of each a little may stay unused. */
  #readyBytes = 0;
  #filling: Promise<void> | undefined;
  #short = false;
  #stopped = false;
  #cancelRetry: (() => void) | undefined;

  constructor(options: SegmentChainOptions) {
    this.#options = options;
    options.latch.subscribe(() => this.#stop());
  }

  /** Whether the last attempt to prepare a segment found the disk full, or no descriptors or memory. */
  get short(): boolean {
    return this.#short;
  }

  get current(): Segment | undefined {
    return this.#current;
  }

  /** Bytes that are ready, with those at the ends of segments where no record may fit. */
  get roomBytes(): number {
    const rest = this.#current === undefined ? 0 : this.#current.bytes - this.#current.used;
    return this.#ready.reduce((sum, { bytes, used }) => sum + bytes - used, rest);
  }

  /** Opens the segments that records can go to. */
  async open({ segments, active, end }: Recovered): Promise<void> {
    for (let number = Math.max(active, 1); number <= segments; number++) {
      const path = join(this.#options.dir, segmentName(number));
      const file = await this.#openForRecords(path);
      const used = number === active ? end : SEGMENT_HEADER_BYTES;
      const segment = { number, file, bytes: await file.size(), used };
      if (number === active) this.#current = segment;
      else this.#addReady(segment);
    }
    this.#count = segments;
    const { recordBytesMax } = this.#options.sizes;
    const small = this.#ready.findIndex(
      ({ bytes }) => bytes - SEGMENT_HEADER_BYTES < recordBytesMax,
    );
    // Prepared when the limit for batches was lower: a record that does not fit into it would have no place.
    if (small >= 0) await this.#dropFrom(small);
  }

  /** Prepares segments in the background until enough are ready. */
  fill(): void {
    if (this.#stopped || this.#filling !== undefined || this.#cancelRetry !== undefined) return;
    if (this.#isFarEnoughAhead()) return;
    this.#filling = this.#fillOne().finally(() => {
      this.#filling = undefined;
      this.fill();
    });
  }

  #isFarEnoughAhead(): boolean {
    const { length } = this.#ready;
    if (length < AHEAD_MIN) return false;
    const bytes = this.#ready.reduce((sum, segment) => sum + segment.bytes, 0);
    return length >= AHEAD_MAX || bytes >= this.#options.sizes.aheadBytes;
  }

  /** Prepares the first segment. @throws when there is no room for it */
  async fillFirst(): Promise<void> {
    if (this.#count === 0) this.#addReady(await this.#prepare(1));
  }

  /**
   * Makes sure that a record has a place, in a ledger that prepares no more segments. A full disk or another
   * shortage is not an error: then the chain is {@link short}.
   */
  async makeRoomFor(recordBytes: number): Promise<void> {
    if (this.find(recordBytes, 0) !== undefined) return;
    try {
      this.#addReady(await this.#prepare(this.#count + 1));
    } catch (error) {
      if (!isShortage(error)) throw error;
      this.#short = true;
    }
  }

  /**
   * Finds the segment for a record: the current one, or the next one when the record does not fit.
   *
   * @param keepBytes room that must be left after the record, in that segment and the ready ones
   * @returns undefined when there is no room now
   */
  find(recordBytes: number, keepBytes: number): Segment | undefined {
    const current = this.#current;
    if (current !== undefined) {
      const rest = current.bytes - current.used - recordBytes;
      if (rest >= 0) return rest + this.#readyBytes >= keepBytes ? current : undefined;
    }
    const next = this.#ready[0];
    if (next === undefined) return undefined;
    const rest = next.bytes - next.used - recordBytes;
    const later = this.#readyBytes - roomIn(next);
    return rest >= 0 && rest + later >= keepBytes ? next : undefined;
  }

  /**
   * Gives a record the place that {@link find} found.
   * @returns the segment before, which is full, when this is the first record of the next one
   */
  take(segment: Segment, recordBytes: number): Segment | undefined {
    segment.used += recordBytes;
    if (segment === this.#current) return undefined;
    const full = this.#current;
    this.#current = segment;
    this.#ready.shift();
    this.#readyBytes -= roomIn(segment);
    // Not before the first record: a draw without bets takes little of the disk.
    this.fill();
    return full;
  }

  /** Stops preparing segments; resolves when the last preparation has ended. */
  async stop(): Promise<void> {
    this.#stop();
    await this.#filling;
  }

  /** Removes the ready segments: no record will come. The last one goes first, so that no hole is left. */
  async dropReady(): Promise<void> {
    await this.stop();
    await this.#dropFrom(0);
  }

  async #dropFrom(index: number): Promise<void> {
    while (this.#ready.length > index) {
      const spare = this.#ready.at(-1);
      if (spare === undefined) break;
      await spare.file.close();
      await this.#options.disk.remove(spare.file.path);
      // Only after the removal: a segment that could not be removed must be the first one next time.
      this.#ready.pop();
      this.#readyBytes -= roomIn(spare);
      this.#count--;
    }
    await this.#options.disk.syncDir(this.#options.dir);
  }

  async close(): Promise<void> {
    await this.stop();
    for (const { file } of this.#ready.splice(0)) await file.close();
    await this.#current?.file.close();
    this.#current = undefined;
  }

  #stop(): void {
    this.#stopped = true;
    this.#cancelRetry?.();
    this.#cancelRetry = undefined;
  }

  async #fillOne(): Promise<void> {
    const { latch, clock, delays, onChange } = this.#options;
    try {
      const segment = await this.#prepare(this.#count + 1);
      delays.over(PREPARING);
      this.#addReady(segment);
      this.#short = false;
      onChange();
    } catch (error) {
      if (this.#stopped) return;
      if (!isShortage(error)) {
        latch.raise("Cannot prepare a segment", error);
        return;
      }
      delays.waits(PREPARING, error);
      this.#short = true;
      this.#cancelRetry = clock.afterIfAlive(RETRY_MS, () => {
        this.#cancelRetry = undefined;
        this.fill();
      });
      onChange();
    }
  }

  #addReady(segment: Segment): void {
    this.#ready.push(segment);
    this.#readyBytes += roomIn(segment);
  }

  /** Makes a segment of zeros. It gets its name when all of it is on stable storage. */
  async #prepare(number: number): Promise<Segment> {
    const { disk, dir, sizes, ownership } = this.#options;
    const bytes = sizes.ofSegment(number);
    const path = join(dir, segmentName(number));
    const temp = path + TEMP_SUFFIX;
    ownership.expectOurs();
    try {
      await this.#writeZeros(temp, number, bytes);
      // The zeros took time: another process may have a segment of this name now.
      ownership.expectOurs();
    } catch (error) {
      await this.#removeIfOurs(temp);
      throw error;
    }
    try {
      await disk.rename(temp, path);
      await disk.syncDir(dir);
      const file = await this.#openForRecords(path);
      this.#count = number;
      return { number, file, bytes, used: SEGMENT_HEADER_BYTES };
    } catch (error) {
      // Remove it: the chain does not count it, and it would follow a hole once those before it are dropped.
      await this.#removeIfOurs(path);
      throw error;
    }
  }

  /** Does nothing in a directory that we have lost: a file of this name may belong to the new owner. */
  async #removeIfOurs(path: string): Promise<void> {
    const { disk, ownership } = this.#options;
    if (ownership.isOurs()) await disk.remove(path).catch(() => undefined);
  }

  #openForRecords(path: string): Promise<DiskFile> {
    return this.#options.disk.open(path, { mode: "write", durable: true, overZeros: true });
  }

  async #writeZeros(path: string, number: number, bytes: number): Promise<void> {
    const file = await this.#options.disk.open(path, {
      mode: "create",
      durable: true,
      overZeros: isWhole(bytes),
    });
    try {
      for (let at = 0; at < bytes; ) {
        if (this.#stopped) throw new Error("Cannot go on filling: the ledger is closing");
        const step = this.#ready.length === 0 ? FILL_BYTES_URGENT : FILL_BYTES;
        const zeros = ZEROS.subarray(0, Math.min(step, bytes - at));
        await writeFully(file, zeros, at);
        at += zeros.length;
      }
      await writeFully(file, encodeSegmentHeader(number, bytes), 0);
    } finally {
      await file.close();
    }
  }
}

/** The room that a ready segment surely has for records: the end may be too small for one. */
function roomIn({ bytes }: Segment): number {
  return bytes - SEGMENT_HEADER_BYTES - CONTROL_RECORD_BYTES_MAX;
}

/** With less room than this, in buffers or in segments, peers must wait. */
const MARGIN_BYTES = 256 * 1024;

/**
 * Size of a draw's first segment. An open draw without bets takes no more of the disk, and the first batches
 * go there while larger segments are prepared.
 */
const FIRST_BYTES = 512 * 1024;

export interface SegmentSizesOptions {
  /** The largest segment. */
  readonly segmentBytes: number;
  /** The most bytes that one flush writes. */
  readonly groupBytes: number;
  /** The most bytes of lines in a batch. */
  readonly batchBytesMax: number;
  readonly agencies: number;
}

export interface SegmentSizes {
  readonly marginBytes: number;
  /** Room that batches must leave for DONEs, acts, seal and draw, so that a draw can end on a full disk. */
  readonly reserveBytes: number;
  /** The longest record that fits into every segment. */
  readonly recordBytesMax: number;
  /** The size that all ready segments together should have. */
  readonly aheadBytes: number;
  /** The size of a new segment. */
  readonly ofSegment: (number: number) => number;
}

/**
 * Computes how large segments are: each is twice the one before, up to the largest. Not more than twice,
 * because two are prepared while those before them are filled: so zeros must be written at most a third
 * faster than batches come, and a new draw can take a full load at once.
 *
 * Every record must fit into some segment: segments are used in their order, and a record goes to the next
 * one only when it does not fit into the one before. So the first segment has room for any record and for
 * the reserve: it is the only one until it has a record.
 */
export function segmentSizes(options: SegmentSizesOptions): SegmentSizes {
  const { segmentBytes, groupBytes, batchBytesMax, agencies } = options;
  const marginBytes = Math.min(MARGIN_BYTES, segmentBytes / 4, groupBytes / 4);
  const longest = RECORD_HEADER_BYTES + batchBytesMax;
  // Enough for 100,000 agencies in segments of the usual size, with batches of any size allowed.
  const reserveMax = Math.max(segmentBytes / 4, segmentBytes - SEGMENT_HEADER_BYTES - longest);
  const reserveBytes = Math.min(roomToEnd(agencies), reserveMax);
  const least = SEGMENT_HEADER_BYTES + reserveBytes + Math.max(longest, marginBytes);
  let first = FIRST_BYTES;
  while (first < least) first *= 2;
  const ofSegment = (number: number): number =>
    // The exponent is bounded because a ledger may have any number of segments.
    Math.min(segmentBytes, first * 2 ** Math.min(number - 1, 16));
  return {
    marginBytes,
    reserveBytes,
    recordBytesMax: ofSegment(1) - SEGMENT_HEADER_BYTES,
    aheadBytes: 2 * segmentBytes,
    ofSegment,
  };
}
