import type { ProtocolError } from "./protocol-error.ts";

/** What a decoder makes of bytes. A violation is the last thing it yields. */
export type Decoded<Message> =
  | { readonly kind: "message"; readonly message: Message }
  | { readonly kind: "violation"; readonly error: ProtocolError };

/**
 * Turns a stream of chunks, cut anywhere, into messages. Pure: no sockets, timers, logs or clock.
 *
 * Never throws on bytes, never buffers more than one frame, checks a length against its limit before
 * buffering. Byte arrays inside a message are views that are valid until the next message is asked
 * for or the next chunk is given.
 */
export interface Decoder<Message> {
  /** Gives the next chunk, and takes all its messages. */
  push(chunk: Uint8Array): Iterable<Decoded<Message>>;
  /** The stream has ended. @returns what is wrong with ending here, in the middle of a frame */
  end(): ProtocolError | undefined;
  /** Whether part of a frame has arrived and the rest is awaited. */
  readonly midFrame: boolean;
}

/** A decoder that is asked for one message at a time, by whoever owns the memory of its chunks. */
export interface SteppedDecoder<Message> extends Decoder<Message> {
  /** Gives the next chunk; the one before must be {@link usedUp}. */
  feed(chunk: Uint8Array): void;
  /** @returns undefined when it takes more bytes; the chunk is used up then */
  next(): Decoded<Message> | undefined;
  /** Whether the chunk at hand has no byte left: there is no other message in it. */
  readonly usedUp: boolean;
  /** The chunk's memory is about to be used again: copies what is left of it. */
  retain(): void;
}
