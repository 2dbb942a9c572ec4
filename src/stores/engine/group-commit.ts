import type { Clock } from "../../clock.ts";
import { GROUP_BYTES, GROUPS_MAX } from "../../limits.ts";
import type { DiskFile } from "../disk/disk.ts";
import type { FailureLatch } from "../failure-latch.ts";
import { FlushPacer } from "./flush-pacer.ts";
import type { Ownership } from "../disk/ownership.ts";

/** What one flush writes: one run of bytes in one file. */
export interface Group {
  /** Counts flushes; the next group has the next number. */
  readonly number: number;
  readonly file: DiskFile;
  /** Offset in the file of the group's first byte. */
  readonly position: number;
  /** Its first `used` bytes are claimed. */
  readonly buffer: Buffer;
  used: number;
}

interface Waiter {
  readonly settle: () => void;
  readonly fail: ((error: Error) => void) | undefined;
}

interface QueuedGroup extends Group {
  batches: number;
  readonly waiters: Waiter[];
}

export interface GroupCommitOptions {
  readonly clock: Clock;
  readonly latch: FailureLatch;
  /** Asked before a group is written, and again before it is confirmed. */
  readonly ownership: Pick<Ownership, "isOurs">;
  /** Puts bytes on stable storage; it is not called again before `done` is. */
  readonly persist: (
    file: DiskFile,
    bytes: Buffer,
    position: number,
    done: (error: Error | undefined) => void,
  ) => void;
  /** The number of the first group. */
  readonly firstNumber: number;
  /** The most bytes that one flush writes [{@link GROUP_BYTES}]. */
  readonly groupBytes?: number | undefined;
  readonly groupsMax?: number | undefined;
  /** Called when buffers have become free. */
  readonly onRoom: () => void;
}

/**
 * Group commit: one flush is in flight, and what arrives meanwhile is the next group. Groups are written in
 * the order in which they were begun, each only after the one before it is on stable storage. Waiters are
 * called in the order in which they came.
 */
export class GroupCommit {
  readonly groupBytes: number;
  readonly #options: GroupCommitOptions;
  readonly #pacer = new FlushPacer();
  /** The first group is in flight if `#flying`; claims go to the last one unless that is in flight. */
  readonly #queue: QueuedGroup[] = [];
  readonly #free: Buffer[] = [];
  #unmade: number;
  #nextNumber: number;
  #flying = false;
  #checking = false;
  #cancelTimer: (() => void) | undefined;
  #draining = false;
  #over = false;
  #flushes = 0;

  constructor(options: GroupCommitOptions) {
    this.#options = options;
    this.groupBytes = options.groupBytes ?? GROUP_BYTES;
    this.#unmade = options.groupsMax ?? GROUPS_MAX;
    this.#nextNumber = options.firstNumber;
    options.latch.subscribe((error) => this.#abandon(error));
  }

  /** Bytes that could be claimed now, if they went to one file without a break. */
  get roomBytes(): number {
    const open = this.#open();
    const rest = open === undefined ? 0 : this.groupBytes - open.used;
    return rest + (this.#free.length + this.#unmade) * this.groupBytes;
  }

  /** Groups written so far, for measurements. */
  get flushes(): number {
    return this.#flushes;
  }

  /**
   * Claims bytes in the group that is gathered: the caller must fill the last `bytes` of `used` now.
   *
   * @param position offset in the file where they go
   * @returns undefined when no buffer is free
   * @throws RangeError when they are more than a buffer holds
   */
  claim(bytes: number, file: DiskFile, position: number): Group | undefined {
    if (bytes > this.groupBytes) {
      throw new RangeError(`Cannot store ${bytes} bytes at once: max is ${this.groupBytes}`);
    }
    if (this.#over || this.#options.latch.error !== undefined) return undefined;
    let group = this.#open();
    const continues =
      group !== undefined &&
      group.file === file &&
      group.position + group.used === position &&
      group.used + bytes <= this.groupBytes;
    if (group === undefined || !continues) {
      const buffer = this.#takeBuffer();
      if (buffer === undefined) return undefined;
      const number = this.#nextNumber++;
      group = { number, file, position, buffer, used: 0, batches: 0, waiters: [] };
      this.#queue.push(group);
    }
    group.used += bytes;
    this.#check();
    return group;
  }

  /** Settles a batch once everything claimed so far is on stable storage; at once if it is. */
  settleBatch(settle: () => void): void {
    const group = this.#queue.at(-1);
    if (group !== undefined) {
      group.batches++;
      this.#pacer.arrived();
      this.#check();
    }
    this.afterPending(settle);
  }

  /**
   * Calls back once everything claimed so far is on stable storage; at once if it is.
   * @param fail called instead when storage fails
   */
  afterPending(settle: () => void, fail?: (error: Error) => void): void {
    const error = this.#options.latch.error;
    const group = this.#queue.at(-1);
    if (error !== undefined) fail?.(error);
    else if (group === undefined) settle();
    else group.waiters.push({ settle, fail });
  }

  /** {@link afterPending} as a promise. */
  pending(): Promise<void> {
    return new Promise((resolve, reject) => this.afterPending(resolve, reject));
  }

  /** {@link pending}, and from now on no group waits for peers to come back. */
  drain(): Promise<void> {
    this.#draining = true;
    this.#check();
    return this.pending();
  }

  /** Writes nothing more: waiters that have a `fail` get the error, the others are not called. */
  giveUp(error: Error): void {
    this.#over = true;
    this.#abandon(error);
  }

  #open(): QueuedGroup | undefined {
    return this.#flying && this.#queue.length === 1 ? undefined : this.#queue.at(-1);
  }

  #takeBuffer(): Buffer | undefined {
    const buffer = this.#free.pop();
    if (buffer !== undefined || this.#unmade === 0) return buffer;
    this.#unmade--;
    return Buffer.allocUnsafeSlow(this.groupBytes);
  }

  /** Sees to it that the first group of the queue is written when it is due. */
  #check(): void {
    if (this.#checking || this.#flying || this.#queue.length === 0) return;
    if (this.#cancelTimer !== undefined) {
      if (this.#waitMs() > 0) return;
      this.#cancelTimer();
      this.#cancelTimer = undefined;
    }
    this.#checking = true;
    // Not now: other batches that have arrived with this one belong to the same group.
    this.#options.clock.soon(() => {
      this.#checking = false;
      this.#flushWhenDue();
    });
  }

  #flushWhenDue(): void {
    const group = this.#queue[0];
    if (group === undefined || this.#flying) return;
    const waitMs = this.#waitMs();
    if (waitMs === 0) {
      this.#flush(group);
    } else if (waitMs < 1) {
      // Timers count in whole milliseconds: for shorter waits look again in every turn of the event loop.
      this.#check();
    } else {
      this.#cancelTimer = this.#options.clock.after(waitMs, () => {
        this.#cancelTimer = undefined;
        this.#flushWhenDue();
      });
    }
  }

  #waitMs(): number {
    if (this.#draining || this.#queue.length > 1) return 0;
    return this.#pacer.waitMs(this.#options.clock.nowMs());
  }

  #flush(group: QueuedGroup): void {
    const { latch, clock, ownership, persist } = this.#options;
    if (!ownership.isOurs(group.file)) return;
    this.#flying = true;
    const startMs = clock.nowMs();
    const bytes = group.buffer.subarray(0, group.used);
    persist(group.file, bytes, group.position, (error) => {
      if (this.#over || latch.error !== undefined) return;
      if (error !== undefined) {
        latch.raise(`Cannot write ${group.file.path} at byte ${group.position}`, error);
        return;
      }
      // The write may have taken so long that another process has written there meanwhile.
      if (ownership.isOurs(group.file)) this.#settle(group, clock.nowMs() - startMs);
    });
  }

  #settle(group: QueuedGroup, tookMs: number): void {
    const { clock, onRoom } = this.#options;
    this.#flying = false;
    this.#flushes++;
    this.#queue.shift();
    this.#free.push(group.buffer);
    this.#pacer.flushed(group.batches, tookMs, clock.nowMs());
    for (const waiter of group.waiters) waiter.settle();
    this.#check();
    onRoom();
  }

  #abandon(error: Error): void {
    this.#cancelTimer?.();
    const groups = this.#queue.splice(0);
    for (const group of groups) {
      for (const waiter of group.waiters) waiter.fail?.(error);
    }
  }
}
