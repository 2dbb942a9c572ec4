import type { Timers } from "../../dialect.ts";
import { EMPTY_BATCH_PAUSE_MS } from "./layout.ts";

/** What a count of zero means. */
export type ZeroMeaning =
  /** All bets are sent: the question for the winners. */
  | "end"
  /** A batch without bets: it is confirmed, and the end comes after it. */
  | "empty-batch"
  /** The same, as the first message of a connection. */
  | "opening";

/**
 * Tells what a zero means.
 *
 * The course's client notices the end of its file by a batch that is not full. When the last one is
 * full, an empty batch follows, which is a zero like the end, but wants a confirmation; the end follows
 * that. So a zero is an empty batch when it follows a batch as large as the largest, or nothing. A
 * single batch is always the largest: there only the client's sleep after a full batch tells.
 */
export class ZeroReader {
  readonly #clock: Pick<Timers, "nowMs">;
  #batches = 0;
  #largest = 0;
  #last = 0;
  #confirmedAtMs = 0;
  #emptyBatch = false;

  constructor(clock: Pick<Timers, "nowMs">) {
    this.#clock = clock;
  }

  batchConfirmed(count: number): void {
    this.#batches++;
    this.#last = count;
    this.#largest = Math.max(this.#largest, count);
    this.#confirmedAtMs = this.#clock.nowMs();
  }

  read(): ZeroMeaning {
    if (this.#emptyBatch || !this.#lastMayBeFull()) return "end";
    this.#emptyBatch = true;
    return this.#batches === 0 ? "opening" : "empty-batch";
  }

  #lastMayBeFull(): boolean {
    if (this.#batches !== 1) return this.#last === this.#largest;
    return this.#clock.nowMs() - this.#confirmedAtMs >= EMPTY_BATCH_PAUSE_MS;
  }
}
