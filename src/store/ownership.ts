import type { Clock } from "./clock.ts";
import type { DirectoryLock } from "./directory-lock.ts";
import type { FailureLatch } from "./failure-latch.ts";

/**
 * A look at the lock counts for so long. Whoever takes a lock whose file was missing waits five times
 * as long before it reads (`directory-lock.ts`), so it never reads what we are about to write over.
 */
const FRESH_MS = 20;

/**
 * Whether the directory is still ours, asked before anything is written and before anything is
 * confirmed. A look counts for {@link FRESH_MS}: a store under load looks fifty times a second, whatever
 * it stores.
 *
 * The look is the one system call here that is not made beside the event loop: it takes 4 µs of a name
 * that the system has at hand, a tenth of what it takes to ask another thread, and no flush waits for it.
 */
export class Ownership {
  readonly #lock: Pick<DirectoryLock, "check">;
  readonly #clock: Pick<Clock, "nowMs">;
  readonly #latch: FailureLatch;
  #lookedMs = Number.NEGATIVE_INFINITY;

  constructor(lock: DirectoryLock, clock: Pick<Clock, "nowMs">, latch: FailureLatch) {
    this.#lock = lock;
    this.#clock = clock;
    this.#latch = latch;
    lock.whenLost((error) => latch.raise("Cannot go on", error));
  }

  /** What comes next cannot be taken back: a look from before this does not count for it. */
  doubt(): void {
    this.#lookedMs = Number.NEGATIVE_INFINITY;
  }

  /** Whether it is ours. When it is not, that is a failure of the store, and is declared here. */
  isOurs(): boolean {
    if (this.#clock.nowMs() - this.#lookedMs >= FRESH_MS) {
      try {
        this.expectOurs();
      } catch {
        return false;
      }
    }
    return this.#latch.error === undefined;
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
