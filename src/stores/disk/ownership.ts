import type { Clock } from "../../clock.ts";
import type { DirectoryLock } from "./directory-lock.ts";
import type { DiskFile } from "./disk.ts";
import type { FailureLatch } from "../failure-latch.ts";
import { StoreError } from "../../store/store-error.ts";

/**
 * How long a look at the lock counts. A process that takes a lock whose file was missing waits five times as
 * long before it reads (`directory-lock.ts`), so it never reads what we are about to write over.
 */
const FRESH_MS = 20;

/**
 * Whether the directory is still ours, and the file that is written still in it, asked before anything
 * is written and before anything is confirmed. A look counts for {@link FRESH_MS}: a store under load looks fifty times a second, whatever
 * it stores.
 *
 * The looks are the only system calls here that are not made beside the event loop: 4 µs of a name that
 * the system has at hand, a tenth of what it takes to ask another thread, and no flush waits for them.
 */
export class Ownership {
  readonly #lock: Pick<DirectoryLock, "check">;
  readonly #clock: Pick<Clock, "nowMs">;
  readonly #latch: FailureLatch;
  #lookedMs = Number.NEGATIVE_INFINITY;
  /** When a file was last looked at: the one that is written, whichever that was then. */
  #namedMs = Number.NEGATIVE_INFINITY;

  constructor(lock: DirectoryLock, clock: Pick<Clock, "nowMs">, latch: FailureLatch) {
    this.#lock = lock;
    this.#clock = clock;
    this.#latch = latch;
    lock.whenLost((error) => latch.raise("Cannot go on", error));
  }

  /** Call before a step that cannot be taken back: looks from before this do not count for it. */
  doubt(): void {
    this.#lookedMs = Number.NEGATIVE_INFINITY;
    this.#namedMs = Number.NEGATIVE_INFINITY;
  }

  /**
   * Whether it is ours, with the file in it. When it is not, that is a failure of the store, and is declared
   * here.
   */
  isOurs(file?: DiskFile): boolean {
    const staleMs = this.#clock.nowMs() - FRESH_MS;
    try {
      if (this.#lookedMs <= staleMs) this.expectOurs();
      if (file !== undefined && this.#namedMs <= staleMs) this.#expectNamed(file);
    } catch {
      return false;
    }
    return this.#latch.error === undefined;
  }

  #expectNamed(file: DiskFile): void {
    const nowMs = this.#clock.nowMs();
    if (!file.isNamed()) {
      const error = fileRemoved(file.path);
      this.#latch.raise("Cannot go on", error);
      throw error;
    }
    this.#namedMs = nowMs;
  }

  /** Looks, however short ago the last look. @throws StoreError when it is not, declared as a failure */
  expectOurs(): void {
    const nowMs = this.#clock.nowMs();
    try {
      this.#lock.check();
      this.#lookedMs = nowMs;
    } catch (error) {
      this.#latch.raise("Cannot look at the lock", error);
      throw error;
    }
  }
}

/** Somebody has removed a file of the draw, or put another in its place. */
export function fileRemoved(path: string): StoreError {
  return new StoreError(
    "STORE_FAILED",
    `Cannot go on without ${path}: it was removed or replaced while it was in use; restore the draw's files from a copy, then start again`,
  );
}
