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
 * confirmed. A look costs one system call, and counts for {@link FRESH_MS}: a store under load looks
 * fifty times a second, whatever it stores.
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

  /** The next write is one that cannot be taken back: it asks again, however short ago the last look. */
  doubt(): void {
    this.#lookedMs = Number.NEGATIVE_INFINITY;
  }

  /** Calls back, at once after a fresh look; never when the lock is lost, which is a failure. */
  whenOurs(callback: () => void): void {
    if (this.#isFresh()) callback();
    else void this.#lookFirst(callback);
  }

  async #lookFirst(callback: () => void): Promise<void> {
    try {
      await this.#look();
    } catch {
      // Declared a failure already.
      return;
    }
    if (this.#latch.error === undefined) callback();
  }

  /** {@link whenOurs} as a promise, for what no batch waits for. @throws StoreError */
  async expectOurs(): Promise<void> {
    if (!this.#isFresh()) await this.#look();
  }

  #isFresh(): boolean {
    return this.#clock.nowMs() - this.#lookedMs < FRESH_MS;
  }

  async #look(): Promise<void> {
    const startMs = this.#clock.nowMs();
    try {
      await this.#lock.check();
      this.#lookedMs = startMs;
    } catch (error) {
      this.#latch.raise("Cannot look at the lock", error);
      throw error;
    }
  }
}
