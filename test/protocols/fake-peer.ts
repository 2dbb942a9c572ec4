import type { PeerEvent } from "../../src/protocols/conversation.ts";
import type { PlayedPeer } from "./serve-context.ts";

/** A peer that keeps what it is sent and what is reported of it. */
export class FakePeer implements PlayedPeer {
  readonly address = "172.25.125.3";
  readonly sent: Buffer[] = [];
  readonly events: PeerEvent[] = [];
  ends = 0;
  /** Messages that were refused. */
  refusals = 0;
  readonly agencies: number[] = [];
  /** How often the conversation said that it is not occupied any more. */
  proceeds = 0;
  #drainCallbacks: (() => void)[] = [];
  #onOver: () => void = () => undefined;

  send(bytes: Uint8Array): void {
    if (this.ends > 0) throw new Error("it was sent something after the end");
    this.sent.push(Buffer.from(bytes));
  }

  whenDrained(callback: () => void): void {
    this.#drainCallbacks.push(callback);
  }

  /** The network has taken what was sent. @returns whether anybody waited for that */
  drain(): boolean {
    const callbacks = this.#drainCallbacks;
    this.#drainCallbacks = [];
    for (const callback of callbacks) callback();
    return callbacks.length > 0;
  }

  dismiss(): void {
    this.end();
  }

  end(): void {
    this.ends++;
    this.#onOver();
  }

  /** The connection is gone. */
  gone(): void {
    this.#onOver();
  }

  onOver(callback: () => void): void {
    this.#onOver = callback;
  }

  proceed(): void {
    this.proceeds++;
  }

  report(event: PeerEvent): void {
    this.events.push(event);
  }

  speaksFor(agency: number): void {
    this.agencies.push(agency);
  }

  refused(): void {
    this.refusals++;
  }

  displaced(): void {}

  distrust(): void {
    this.end();
  }

  heldBack(): undefined {}

  awaitsDraw(): () => void {
    return () => undefined;
  }

  /** Everything sent since the last call, as one. */
  take(): Buffer {
    return Buffer.concat(this.sent.splice(0));
  }
}
