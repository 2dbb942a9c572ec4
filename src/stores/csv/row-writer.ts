import type { Clock } from "../../clock.ts";
import type { Delays } from "../delays.ts";
import { type DiskFile, isNoRoom } from "../disk/disk.ts";
import { writeFully } from "../disk/disk-io.ts";
import type { Ownership } from "../disk/ownership.ts";

const RETRY_MS = 1000;
const WRITING = "write bets";

type Done = (error: Error | undefined) => void;

export interface RowWriterOptions {
  readonly clock: Clock;
  readonly ownership: Pick<Ownership, "isOurs">;
  readonly delays: Delays;
  readonly onChange: () => void;
}

/**
 * Writes groups at the end of a file. No room is reserved ahead, so the disk can become full in the middle
 * of a group. Then the group waits, is not confirmed, and is written again when there is room. Only a failed
 * write is repeated, never a failed sync.
 */
export class RowWriter {
  readonly #options: RowWriterOptions;
  #full = false;
  #cancelRetry: (() => void) | undefined;

  constructor(options: RowWriterOptions) {
    this.#options = options;
  }

  /** Whether the disk is full and a group waits for room. */
  get full(): boolean {
    return this.#full;
  }

  persist(file: DiskFile, bytes: Buffer, position: number, done: Done): void {
    void this.#persist(file, bytes, position, done);
  }

  async #persist(file: DiskFile, bytes: Buffer, position: number, done: Done): Promise<void> {
    const failure = await failureOf(writeFully(file, bytes, position));
    if (failure === undefined) {
      this.#options.delays.over(WRITING);
      this.#setFull(false);
      done(await failureOf(file.sync()));
    } else if (isNoRoom(failure)) {
      const { clock, ownership, delays } = this.#options;
      delays.waits(WRITING, failure);
      this.#setFull(true);
      this.#cancelRetry = clock.afterIfAlive(RETRY_MS, () => {
        if (ownership.isOurs(file)) this.persist(file, bytes, position, done);
      });
    } else {
      done(failure);
    }
  }

  /** Gives up a group that waits for room. */
  stop(): void {
    this.#cancelRetry?.();
  }

  #setFull(full: boolean): void {
    if (this.#full === full) return;
    this.#full = full;
    this.#options.onChange();
  }
}

async function failureOf(work: Promise<void>): Promise<Error | undefined> {
  try {
    await work;
    return undefined;
  } catch (error) {
    return error instanceof Error ? error : new Error(String(error));
  }
}
