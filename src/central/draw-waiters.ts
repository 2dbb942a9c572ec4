import type { BetStore, DrawOutcome } from "../store/bet-store.ts";

interface Waiter {
  readonly resolve: (outcome: DrawOutcome) => void;
  readonly reject: (error: unknown) => void;
}

/**
 * Those who wait for the draw.
 *
 * The store is asked once for all of them: agencies that come, wait and go, again and again before the
 * draw, leave nothing behind on a promise that is pending all the while.
 */
export class DrawWaiters {
  readonly #store: Pick<BetStore, "whenDrawn">;
  readonly #waiters = new Set<Waiter>();
  #asked = false;

  constructor(store: Pick<BetStore, "whenDrawn">) {
    this.#store = store;
  }

  get size(): number {
    return this.#waiters.size;
  }

  /** Resolves once the draw is drawn; rejects when `signal` aborts or no draw will come. */
  wait(signal: AbortSignal): Promise<DrawOutcome> {
    return new Promise((resolve, reject) => {
      signal.throwIfAborted();
      const leave = (): void => {
        this.#waiters.delete(waiter);
        signal.removeEventListener("abort", abort);
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
      const abort = (): void => waiter.reject(signal.reason);
      signal.addEventListener("abort", abort);
      this.#waiters.add(waiter);
      this.#ask();
    });
  }

  /** Tells everybody that no draw will come. */
  reject(error: unknown): void {
    for (const waiter of this.#waiters) waiter.reject(error);
  }

  #ask(): void {
    if (this.#asked) return;
    this.#asked = true;
    void this.#tell();
  }

  async #tell(): Promise<void> {
    try {
      const outcome = await this.#store.whenDrawn();
      for (const waiter of this.#waiters) waiter.resolve(outcome);
    } catch (error) {
      this.reject(error);
    } finally {
      this.#asked = false;
    }
  }
}
