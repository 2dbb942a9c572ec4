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
 * Looks whether the directory is still ours, and whether the file that is written is still in it: before
 * every write and before every confirmation. A look counts for {@link FRESH_MS}, so a store under any load
 * looks at most fifty times a second.
 *
 * The looks are synchronous system calls: one takes 4 µs for a name that the system has cached, a tenth of
 * what it takes to ask another thread.
 */
export class Ownership {
  readonly #lock: Pick<DirectoryLock, "check">;
  readonly #clock: Pick<Clock, "nowMs">;
  readonly #latch: FailureLatch;
  #lookedMs = Number.NEGATIVE_INFINITY;
  /** When the file that was written at that time was last looked at. */
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
   * Whether the directory is ours and the file is in it. If not, this raises the failure of the store.
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

  /** Looks at the lock in any case. @throws StoreError when it is lost; raises the store's failure too */
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

/** The error after a file of the draw was removed, or another was put in its place. */
export function fileRemoved(path: string): StoreError {
  return new StoreError(
    "STORE_FAILED",
    `Cannot go on without ${path}: it was removed or replaced while it was in use; restore the draw's files from a copy, then start again`,
  );
}
