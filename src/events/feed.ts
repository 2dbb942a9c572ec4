import type { CentralEvent, CentralEventKind } from "./central-event.ts";

/** Takes events as they happen. */
export interface Subscriber {
  /** The kinds that it does not want [none]. */
  readonly ignores?: ReadonlySet<CentralEventKind>;
  /** Called at once, in the order of events. It must not wait; a subscriber that throws is dropped. */
  take(event: CentralEvent): void;
  /**
   * Resolves when everything that it has taken so far has left the process; false when some of it never
   * will. The line of the draw is awaited so [nobody is waited for].
   */
  written?(): Promise<boolean>;
}

/**
 * The one feed of what happens in a central. The log is one of its subscribers.
 *
 * @example
 * ```ts
 * const events = new Feed();
 * events.subscribe({
 *   take(event) {
 *     if (event.kind === "drawn") console.log(`${event.winners} winners`);
 *   },
 * });
 * ```
 */
export class Feed {
  #subscribers: readonly Subscriber[] = [];

  /** @returns ends the subscription. Idempotent. */
  subscribe(subscriber: Subscriber): () => void {
    this.#subscribers = [...this.#subscribers, subscriber];
    return () => this.#drop(subscriber);
  }

  /** Whether anybody takes events of this kind: ask before you make a costly one. */
  hears(kind: CentralEventKind): boolean {
    for (const { ignores } of this.#subscribers) if (ignores?.has(kind) !== true) return true;
    return false;
  }

  /** Never throws. */
  publish(event: CentralEvent): void {
    for (const subscriber of this.#subscribers) {
      if (subscriber.ignores?.has(event.kind) === true) continue;
      try {
        subscriber.take(event);
      } catch (error) {
        this.#drop(subscriber);
        this.publish({ kind: "subscriber-failed", error: String(error) });
      }
    }
  }

  /** Resolves when all subscribers have written what they took so far: whether they could. */
  async written(): Promise<boolean> {
    const writing = this.#subscribers.flatMap((subscriber) => subscriber.written?.() ?? []);
    return (await Promise.all(writing)).every(Boolean);
  }

  #drop(subscriber: Subscriber): void {
    this.#subscribers = this.#subscribers.filter((each) => each !== subscriber);
  }
}
