import type { ProtocolError } from "./protocol-error.ts";

/** What a decoder yields. Nothing comes after a violation. */
export type Decoded<Message> =
  | { readonly kind: "message"; readonly message: Message }
  | { readonly kind: "violation"; readonly error: ProtocolError };

/**
 * Turns a stream of chunks, cut anywhere, into messages. Pure: no sockets, timers, logs or clock.
 *
 * No bytes make it throw. It never buffers more than one frame, and checks a length against its limit before
 * buffering. Byte arrays inside a message are views that are valid until the next message is read or the
 * next chunk is given.
 */
export interface Decoder<Message> {
  /** Gives the decoder the next chunk. @returns all messages in it */
  push(chunk: Uint8Array): Iterable<Decoded<Message>>;
  /** The stream has ended. @returns the error if that was in the middle of a frame */
  end(): ProtocolError | undefined;
  /** Whether a part of a frame has arrived, and the rest has not. */
  readonly midFrame: boolean;
}

/** A decoder that is asked for one message at a time, by the owner of the chunks' memory. */
export interface SteppedDecoder<Message> extends Decoder<Message> {
  /** Gives the next chunk; the one before must be {@link usedUp}. */
  feed(chunk: Uint8Array): void;
  /** @returns the next message; undefined when it needs more bytes: then the chunk is used up */
  next(): Decoded<Message> | undefined;
  /** Whether the current chunk has no byte left: there is no other message in it. */
  readonly usedUp: boolean;
  /** Copies what is left of the chunk: its memory will be used for something else. */
  retain(): void;
}
