import type { CentralEvent, CentralEventKind } from "./central-event.ts";

/** Takes events as they happen. */
export interface Subscriber {
  /** The kinds that it does not want now; none when this is left out. Asked for each event. */
  readonly ignores?: ReadonlySet<CentralEventKind>;
  /** Called at once with each event. It must not block; a subscriber that throws is dropped. */
  take(event: CentralEvent): void;
  /**
   * Resolves with true when everything that it has taken so far has left the process, and with false when
   * some of it never will. Only the draw waits for it, so that its line is out before the first winners. A
   * subscriber without it is not waited for.
   */
  written?(): Promise<boolean>;
}

interface Subscription {
  readonly subscriber: Subscriber;
  ended: boolean;
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
  #subscriptions: readonly Subscription[] = [];
  /** A subscriber that writes has left, and none has come: what happens now is not written. */
  #unwritten = false;

  /** @returns ends the subscription. Idempotent. */
  subscribe(subscriber: Subscriber): () => void {
    const subscription = { subscriber, ended: false };
    this.#subscriptions = [...this.#subscriptions, subscription];
    if (subscriber.written !== undefined) this.#unwritten = false;
    return () => this.#end(subscription);
  }

  /** Whether anybody takes events of this kind: ask before you make a costly one. */
  hears(kind: CentralEventKind): boolean {
    for (const { subscriber } of this.#subscriptions) {
      if (subscriber.ignores?.has(kind) !== true) return true;
    }
    return false;
  }

  /** Never throws. */
  publish(event: CentralEvent): void {
    for (const subscription of this.#subscriptions) {
      const { subscriber, ended } = subscription;
      if (ended || subscriber.ignores?.has(event.kind) === true) continue;
      try {
        subscriber.take(event);
      } catch (error) {
        this.#end(subscription);
        this.#reportFailure(error);
      }
    }
  }

  /**
   * Resolves when all subscribers have written what they took so far: true when all of them could. False
   * when a subscriber that writes has left: what happened after that is written nowhere.
   */
  async written(): Promise<boolean> {
    if (this.#unwritten) return false;
    const writing = this.#subscriptions.map(({ subscriber }) => hasWritten(subscriber));
    return (await Promise.all(writing)).every(Boolean);
  }

  /** To the other subscribers, or to standard error when there are none. Each failure ends a subscription. */
  #reportFailure(cause: unknown): void {
    const error = cause instanceof Error ? `${cause.name}: ${cause.message}` : typeof cause;
    if (this.#subscriptions.length > 0) this.publish({ kind: "subscriber-failed", error });
    else
      process.emitWarning(`Nobody takes the events any more: the last subscriber threw ${error}`);
  }

  #end(subscription: Subscription): void {
    if (subscription.ended) return;
    subscription.ended = true;
    this.#subscriptions = this.#subscriptions.filter((each) => each !== subscription);
    if (subscription.subscriber.written === undefined) return;
    this.#unwritten = !this.#subscriptions.some(
      ({ subscriber }) => subscriber.written !== undefined,
    );
  }
}

/** One that cannot say so has not written: the draw must not fail for a subscriber. */
async function hasWritten(subscriber: Subscriber): Promise<boolean> {
  try {
    return (await subscriber.written?.()) ?? true;
  } catch {
    return false;
  }
}
