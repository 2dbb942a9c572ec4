import type { BetStore } from "../store/bet-store.ts";

/** A session that stopped reading because there is no room. */
export interface Waiter {
  /** There may be room again: it goes on, or asks again. */
  proceed(): void;
}

/** The sessions that wait until a draw's store has room. The one that waits longest goes on first. */
export class RoomQueue {
  readonly #store: Pick<BetStore, "congested" | "whenRoom">;
  readonly #waiting = new Set<Waiter>();
  #asked = false;

  constructor(store: Pick<BetStore, "congested" | "whenRoom">) {
    this.#store = store;
  }

  get congested(): boolean {
    return this.#store.congested;
  }

  /** A session that waits already keeps its place. */
  wait(waiter: Waiter): void {
    this.#waiting.add(waiter);
    if (this.#asked) return;
    this.#asked = true;
    this.#store.whenRoom(() => this.#letOn());
  }

  leave(waiter: Waiter): void {
    this.#waiting.delete(waiter);
  }

  /** One after the other, until the store is congested again. */
  #letOn(): void {
    this.#asked = false;
    for (const waiter of this.#waiting) {
      if (this.congested) return this.wait(waiter);
      this.#waiting.delete(waiter);
      waiter.proceed();
    }
  }
}
