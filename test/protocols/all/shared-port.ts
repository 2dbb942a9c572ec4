import type { Decoded, SteppedDecoder } from "../../../src/protocols/codec.ts";
import type { Conversation } from "../../../src/protocols/conversation.ts";
import type { Dialect, ServeContext } from "../../../src/protocols/dialect.ts";
import type { ProtocolError } from "../../../src/protocols/protocol-error.ts";
import { recogniser } from "../../../src/protocols/recognise.ts";

/**
 * Serves whatever is recognised, as a central's session does: one dialect that is all of them. What
 * nobody recognises is ended.
 */
export function sharedPort(dialects: readonly Dialect[]): Pick<Dialect, "serve"> {
  return { serve: (context) => new SharedPort(dialects, context) };
}

/** Its own decoder, until it is known whose bytes these are. */
class SharedPort implements Conversation, SteppedDecoder<unknown> {
  readonly decoder = this;
  readonly #recognise: ReturnType<typeof recogniser>;
  readonly #context: ServeContext;
  #head: Buffer = Buffer.alloc(0);
  #over = false;
  #served: Conversation | undefined;

  constructor(dialects: readonly Dialect[], context: ServeContext) {
    this.#recognise = recogniser(dialects);
    this.#context = context;
  }

  get midFrame(): boolean {
    return this.#served?.decoder.midFrame ?? this.#head.length > 0;
  }

  get usedUp(): boolean {
    return this.#served?.decoder.usedUp ?? true;
  }

  push(): never {
    throw new Error("it is fed and asked");
  }

  feed(chunk: Uint8Array): void {
    if (this.#served !== undefined) {
      this.#served.decoder.feed(chunk);
      return;
    }
    if (this.#over) return;
    this.#head = Buffer.concat([this.#head, chunk]);
    const recognised = this.#recognise(this.#head);
    if (recognised.kind === "dialect") {
      this.#served = recognised.dialect.serve(this.#context);
      this.#served.decoder.feed(this.#head);
    } else if (recognised.kind !== "more") {
      this.#over = true;
      this.#context.peer.end();
    }
  }

  next(): Decoded<unknown> | undefined {
    return this.#served?.decoder.next();
  }

  retain(): void {
    this.#served?.decoder.retain();
  }

  end(): ProtocolError | undefined {
    return this.#served?.decoder.end();
  }

  get occupied(): boolean {
    return this.#served?.occupied === true;
  }

  get waitsFor(): Conversation["waitsFor"] {
    return this.#served?.waitsFor ?? "message";
  }

  take(message: unknown): void {
    this.#served?.take(message);
  }

  violated(error: ProtocolError): void {
    this.#served?.violated(error);
  }

  stirred(): void {
    this.#served?.stirred?.();
  }

  quiet(): void {
    this.#served?.quiet?.();
  }

  ended(truncated: ProtocolError | undefined): void {
    this.#served?.ended(truncated);
  }

  stopping(): void {
    this.#served?.stopping();
  }

  closed(): void {
    this.#served?.closed();
  }
}
