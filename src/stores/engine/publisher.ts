import { type Clock, pauseIfAlive } from "../../clock.ts";
import type { DrawBook } from "../../lottery/draw-book.ts";
import type { Publication } from "../../store/bet-store.ts";
import type { Delays } from "../delays.ts";
import { isShortage } from "../disk/disk.ts";
import type { FailureLatch } from "../failure-latch.ts";
import { DISK_FULL, type Journal } from "./journal.ts";

const PUBLISHING = "write the draw's files";

export interface PublisherParts {
  /** With all that was read back from the files; only the store changes it. */
  readonly book: DrawBook;
  readonly journal: Journal;
  readonly latch: FailureLatch;
  readonly clock: Clock;
  readonly delays: Delays;
  readonly onPublication: ((publication: Publication) => void) | undefined;
}

/**
 * Writes what others read of a draw. Records must all be written before: it reads them all. That takes 0.3 s
 * for a million bets, and the winners are known without it, so it is done in the background.
 */
export class Publisher {
  readonly #parts: PublisherParts;
  /** Ends the wait for room. */
  readonly #stopWaiting = new AbortController();
  /** Ends the writing. */
  readonly #stopWriting = new AbortController();
  #publishing: Promise<void> | undefined;
  #cancelLimit: () => void = () => undefined;

  constructor(parts: PublisherParts) {
    this.#parts = parts;
  }

  /** Begins in the background. Idempotent. */
  start(): void {
    this.#publishing ??= this.#publishWhenRoom();
  }

  /** Writes the files and waits for that; in a shortage they are written in the background. @throws StoreError */
  async publishNow(): Promise<void> {
    if (!(await this.#publish())) this.start();
  }

  /** From now on it does not wait for room, and writes for `withinMs` at the most. */
  endWithin(withinMs: number, reason: Error): void {
    this.#stopWaiting.abort(reason);
    const stop = (): void => this.#stopWriting.abort(reason);
    this.#cancelLimit = this.#parts.clock.after(withinMs, stop);
  }

  /** Resolves when what was started has ended. */
  async ended(): Promise<void> {
    await this.#publishing;
    this.#cancelLimit();
  }

  async #publishWhenRoom(): Promise<void> {
    const { latch, clock, onPublication } = this.#parts;
    const { signal } = this.#stopWaiting;
    try {
      while (!(await this.#publish())) await pauseIfAlive(clock, DISK_FULL.retryAfterMs, signal);
    } catch {
      // If storage failed, the latch has reported it. Otherwise the store is closing.
      if (latch.error === undefined) onPublication?.({ kind: "postponed" });
    }
  }

  /** @returns false when the system is short of something, and it must be tried again @throws StoreError */
  async #publish(): Promise<boolean> {
    const { book, journal, latch, delays, onPublication } = this.#parts;
    const { signal } = this.#stopWriting;
    try {
      await journal.finish();
      const dir = await journal.publish(book, signal);
      delays.over(PUBLISHING);
      if (dir !== undefined) onPublication?.({ kind: "written", dir });
      return true;
    } catch (error) {
      if (isShortage(error)) {
        delays.waits(PUBLISHING, error);
        return false;
      }
      if (!signal.aborted) latch.raise("Cannot write the draw's files", error);
      throw latch.error ?? error;
    }
  }
}
