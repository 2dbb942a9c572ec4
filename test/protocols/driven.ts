import type { Waiting } from "../../src/central/deadline.ts";
import type { Conversation } from "../../src/protocols/conversation.ts";

/** A conversation, driven as a session does: bytes go in, and its messages are taken one at a time. */
export class Driven {
  readonly #conversation: Conversation;
  #messages = 0;

  constructor(conversation: Conversation) {
    this.#conversation = conversation;
  }

  get occupied(): boolean {
    return this.#conversation.occupied;
  }

  /** Whether there is more in the chunk, and it may not be taken before the conversation goes on. */
  get mustWait(): boolean {
    return this.occupied && !this.#conversation.decoder.usedUp;
  }

  get awaiting(): Waiting {
    const { decoder, occupied, waitsFor } = this.#conversation;
    if (occupied || !decoder.usedUp) return "central";
    if (this.#messages === 0 && waitsFor === "message") return "greeting";
    return decoder.midFrame ? "rest" : waitsFor;
  }

  /** Gives it a chunk. @returns takes what is in it, a message with each step */
  receive(chunk: Uint8Array): Iterator<void> {
    this.#conversation.decoder.feed(chunk);
    this.#conversation.stirred?.();
    return this.#steps();
  }

  /** The chunk's memory is used again. */
  retain(): void {
    this.#conversation.decoder.retain();
  }

  ended(): void {
    this.#conversation.ended(this.#conversation.decoder.end());
  }

  stopping(): void {
    this.#conversation.stopping();
  }

  overdue(failure: string): void {
    this.#conversation.overdue?.(failure);
  }

  closed(): void {
    this.#conversation.closed();
  }

  *#steps(): Generator<void, void> {
    const conversation = this.#conversation;
    const { decoder } = conversation;
    while (!decoder.usedUp) {
      const decoded = decoder.next();
      if (decoded !== undefined) {
        this.#messages++;
        if (decoded.kind === "message") conversation.take(decoded.message);
        else conversation.violated(decoded.error);
      }
      if (decoder.usedUp) conversation.quiet?.();
      if (decoded?.kind === "message") yield;
    }
  }
}
