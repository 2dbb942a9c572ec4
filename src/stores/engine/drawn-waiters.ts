import type { DrawOutcome } from "../../store/bet-store.ts";

interface Waiter {
  readonly resolve: (outcome: DrawOutcome) => void;
  readonly reject: (error: unknown) => void;
}

/**
 * The one place where calls wait for the draw. Agencies that come, wait and go again before the draw leave
 * nothing behind.
 */
export class DrawnWaiters {
  readonly #waiters = new Set<Waiter>();

  get size(): number {
    return this.#waiters.size;
  }

  /** Resolves once the draw is announced; rejects when `signal` aborts or no draw will come. */
  wait(signal: AbortSignal | undefined): Promise<DrawOutcome> {
    return new Promise((resolve, reject) => {
      signal?.throwIfAborted();
      const leave = (): void => {
        this.#waiters.delete(waiter);
        signal?.removeEventListener("abort", abort);
      };
      const waiter: Waiter = {
        resolve: (outcome) => {
          leave();
          resolve(outcome);
        },
        reject: (error) => {
          leave();
          reject(error);
        },
      };
      const abort = (): void => waiter.reject(signal?.reason);
      signal?.addEventListener("abort", abort);
      this.#waiters.add(waiter);
    });
  }

  resolve(outcome: DrawOutcome): void {
    for (const waiter of this.#waiters) waiter.resolve(outcome);
  }

  /** Rejects all waiters: no draw will come. */
  reject(error: unknown): void {
    for (const waiter of this.#waiters) waiter.reject(error);
  }
}
