import sonicBoom, { type SonicBoom } from "sonic-boom";
import { isFull, isOutOfRoom, neverBlocks, pauseSync, writeAllSync } from "./descriptor.ts";

export interface LineWriterOptions {
  /** Stays the caller's: it is never closed. */
  readonly fd: number;
  /** What may wait for the reader: lines beyond it are dropped and counted. A quarter is for owed lines. */
  readonly bytesMax: number;
  /** The line, with its end, that stands where lines are missing. */
  readonly describeDropped: (lines: number) => string;
}

/** A reader that takes nothing for this long at the end is not waited for. */
const STALL_MS = 250;

/** Lines are handed over once per turn of the event loop, or earlier in pieces of about this. */
const PIECE_LENGTH = 16 * 1024;
const WRITE_BYTES_MAX = 64 * 1024;

/** This part of what may wait is kept for lines that are owed: 50,000 of them in the usual 16 MiB. */
const RESERVE = 1 / 4;

const RETRY_FIRST_MS = 1;
const RETRY_MAX_MS = 64;
/** How often a flush looks again at a full pipe that takes nothing; sonic-boom rests 100 ms each. */
const FLUSH_TRIES = 3;
/** What a write on another thread gets to finish before later lines are written from here. */
const IN_FLIGHT_MS = 10;

/**
 * Writes lines to a descriptor without ever holding up the event loop. What waits is bounded: while
 * the reader stalls, lines beyond the bound are dropped, and once it has caught up, or before the next
 * line that is owed, one line says how many. Owed lines have room of their own, so that no number of
 * others pushes them out. When nobody can read any more (EPIPE) it gives up for good, in silence.
 *
 * Pipes and sockets are written to from here, because their descriptor does not block; files and
 * terminals from a thread of Node's pool.
 */
export class LineWriter {
  readonly #fd: number;
  readonly #direct: boolean;
  readonly #describeDropped: (lines: number) => string;
  readonly #bytesMax: number;
  #out: SonicBoom | undefined;
  #open = true;
  #piece = "";
  #dropped = 0;
  /** Lines that are not owed are dropped until all is out, so that a gap is one. */
  #full = false;
  /** Something was handed over that may not be out yet. */
  #busy = false;
  #handOverSoon: NodeJS.Immediate | undefined;
  #retry: NodeJS.Timeout | undefined;
  #retryMs = RETRY_FIRST_MS;
  /** Of a flush under way: tries that it has left, and the least that was left to write so far. */
  #flushing: { tries: number; bytesLeft: number } | undefined;
  #closing: Promise<void> | undefined;
  #onProgress: (() => void) | undefined;
  /** Bytes handed over so far; and those of them that are known to be out, or more than that are. */
  #handedBytes = 0;
  #writtenBytes = 0;
  /** Those who wait for all bytes up to a number. */
  readonly #awaited = new Set<{
    readonly bytes: number;
    readonly settle: (out: boolean) => void;
  }>();

  constructor({ fd, bytesMax, describeDropped }: LineWriterOptions) {
    this.#fd = fd;
    this.#direct = neverBlocks(fd);
    this.#describeDropped = describeDropped;
    this.#bytesMax = bytesMax;
    this.#out = new sonicBoom.SonicBoom({
      fd,
      sync: this.#direct,
      maxLength: bytesMax,
      maxWrite: WRITE_BYTES_MAX,
      // Its own pause is 100 ms, long for a reader that is only busy: #scheduleRetry does better.
      // Only a flush, with nothing else left to do, sits and waits.
      retryEAGAIN: (_error, writingBytes, waitingBytes) =>
        this.#mayTryAgain(writingBytes + waitingBytes),
    });
    this.#out.on("write", (bytes) => {
      this.#confirm(this.#writtenBytes + bytes);
      this.#retryMs = RETRY_FIRST_MS;
      this.#cancelRetry();
      this.#onProgress?.();
    });
    this.#out.on("drain", () => this.#drained());
    this.#out.on("drop", (lines: string) => {
      this.#dropped += lines.split("\n").length - 1;
      this.#handedBytes -= Buffer.byteLength(lines);
      this.#full = true;
    });
    this.#out.on("error", (error) => this.#fail(error));
    process.on("exit", this.flush);
  }

  /** Bytes that were handed over and are not out. */
  get #waitingBytes(): number {
    return this.#handedBytes - this.#writtenBytes;
  }

  /** False once nobody can read any more, or after close: lines go nowhere. */
  get open(): boolean {
    return this.#open;
  }

  /**
   * Takes a line with its end. Never blocks, never throws.
   * @param owed the line is the last to be dropped
   */
  write(line: string, owed = false): void {
    if (!this.#open) return;
    const bytesMax = owed ? this.#bytesMax : this.#bytesMax * (1 - RESERVE);
    if ((this.#full && !owed) || this.#waitingBytes + this.#piece.length > bytesMax) {
      this.#dropped++;
      this.#full = true;
      return;
    }
    this.#reportGap();
    this.#piece += line;
    if (this.#piece.length >= PIECE_LENGTH) this.#handOver();
    else this.#handOverSoon ??= setImmediate(this.#handOverThisTurn);
  }

  /** Resolves once every line so far is out: true; false when one of them was dropped or never will be. */
  written(): Promise<boolean> {
    this.#handOver();
    if (!this.#open || this.#dropped > 0) return Promise.resolve(false);
    if (!this.#busy) return Promise.resolve(true);
    return new Promise((settle) => this.#awaited.add({ bytes: this.#handedBytes, settle }));
  }

  /** Writes everything out now; gives up on a reader that takes nothing. Never throws. */
  readonly flush = (): void => {
    try {
      if (this.#direct || this.#busy) {
        this.#handOver();
        if (!this.#direct) pauseSync(IN_FLIGHT_MS);
        this.#flushing = { tries: FLUSH_TRIES, bytesLeft: Number.POSITIVE_INFINITY };
        this.#out?.flushSync();
        // Without a write under way there is nothing that would tell that all is out.
        if (this.#direct || this.#retry !== undefined) {
          this.#cancelRetry();
          this.#drained();
        }
      } else if (this.#out !== undefined) {
        // Handed over, it would go to another thread, and this must not return before it is out.
        const lines = Buffer.from(this.#piece);
        this.#piece = "";
        writeAllSync(this.#fd, lines);
      }
    } catch (error) {
      this.#fail(error);
    } finally {
      this.#flushing = undefined;
    }
  };

  /** Waits until everything is out, but not for a reader that has stalled. Idempotent. */
  close(): Promise<void> {
    this.#closing ??= this.#finish();
    return this.#closing;
  }

  async #finish(): Promise<void> {
    this.#open = false;
    this.#handOver();
    let progress = true;
    while (this.#busy && progress) progress = await this.#progressWithin(STALL_MS);
    this.#release();
  }

  readonly #handOverThisTurn = (): void => {
    this.#handOverSoon = undefined;
    this.#handOver();
  };

  #handOver(): void {
    if (this.#piece === "") return;
    const lines = this.#piece;
    this.#piece = "";
    this.#busy = true;
    this.#handedBytes += Buffer.byteLength(lines);
    this.#out?.write(lines);
  }

  /** The report stands where the lines are missing. */
  #reportGap(): void {
    if (this.#dropped === 0) return;
    this.#piece += this.#describeDropped(this.#dropped);
    this.#dropped = 0;
  }

  #drained(): void {
    // sonic-boom may report the end of one write after the next one has failed.
    if (this.#retry !== undefined) return;
    this.#busy = false;
    this.#full = false;
    this.#confirm(this.#handedBytes);
    if (this.#dropped > 0) {
      this.#reportGap();
      this.#handOver();
    }
    this.#onProgress?.();
  }

  #confirm(bytes: number): void {
    this.#writtenBytes = bytes;
    for (const awaited of this.#awaited) {
      if (awaited.bytes > bytes) continue;
      this.#awaited.delete(awaited);
      awaited.settle(true);
    }
  }

  #fail(error: unknown): void {
    if (isFull(error)) this.#scheduleRetry(this.#retryMs);
    else if (isOutOfRoom(error)) this.#scheduleRetry(RETRY_MAX_MS);
    else this.#release();
  }

  #scheduleRetry(delayMs: number): void {
    if (this.#retry !== undefined) return;
    this.#retryMs = Math.min(this.#retryMs * 2, RETRY_MAX_MS);
    this.#retry = setTimeout(() => {
      this.#retry = undefined;
      this.#out?.flush();
    }, delayMs);
    // Lines alone keep no finished program running: what is left then, the flush at exit writes.
    this.#retry.unref();
  }

  #cancelRetry(): void {
    clearTimeout(this.#retry);
    this.#retry = undefined;
  }

  #mayTryAgain(bytesLeft: number): boolean {
    if (this.#flushing === undefined) return false;
    if (bytesLeft < this.#flushing.bytesLeft) this.#flushing = { tries: FLUSH_TRIES, bytesLeft };
    return this.#flushing.tries-- > 0;
  }

  /** Lets go of everything, written or not. */
  #release(): void {
    this.#open = false;
    this.#busy = false;
    this.#piece = "";
    this.#cancelRetry();
    clearImmediate(this.#handOverSoon);
    process.off("exit", this.flush);
    // A write that is still under way may fail yet: nobody is interested.
    this.#out?.removeAllListeners().on("error", () => undefined);
    this.#out = undefined;
    for (const { settle } of this.#awaited) settle(false);
    this.#awaited.clear();
    this.#onProgress?.();
  }

  #progressWithin(ms: number): Promise<boolean> {
    return new Promise((resolve) => {
      const settle = (progress: boolean): void => {
        clearTimeout(stalled);
        this.#onProgress = undefined;
        resolve(progress);
      };
      const stalled = setTimeout(() => settle(false), ms);
      this.#onProgress = () => settle(true);
    });
  }
}
