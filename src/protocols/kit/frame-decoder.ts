import type { Decoded, SteppedDecoder } from "../codec.ts";
import { FrameReader, type Framing } from "./frame-reader.ts";
import { ProtocolError } from "../protocol-error.ts";

export interface FrameCodec<Message> extends Framing {
  /**
   * @param frame all bytes of one frame, valid until this is called again
   * @returns undefined for a frame without a message
   * @throws ProtocolError
   */
  parse(frame: Buffer): Message | undefined;
}

/** A decoder for a dialect whose messages are frames. It decodes nothing after the first violation. */
export function createFrameDecoder<Message>(codec: FrameCodec<Message>): FrameDecoder<Message> {
  return new FrameDecoder(codec);
}

export class FrameDecoder<Message> implements SteppedDecoder<Message> {
  readonly #codec: FrameCodec<Message>;
  readonly #frames: FrameReader;
  #violated = false;

  constructor(codec: FrameCodec<Message>) {
    this.#codec = codec;
    this.#frames = new FrameReader(codec);
  }

  get midFrame(): boolean {
    return !this.#violated && this.#frames.midFrame;
  }

  get usedUp(): boolean {
    return this.#frames.usedUp;
  }

  *push(chunk: Uint8Array): Generator<Decoded<Message>, void> {
    this.feed(chunk);
    for (;;) {
      const decoded = this.next();
      if (decoded === undefined) return;
      yield decoded;
    }
  }

  feed(chunk: Uint8Array): void {
    if (!this.#violated) this.#frames.feed(chunk);
  }

  next(): Decoded<Message> | undefined {
    if (this.#violated) return undefined;
    try {
      for (;;) {
        const frame = this.#frames.next();
        if (frame === undefined) return undefined;
        const message = this.#codec.parse(frame);
        if (message !== undefined) return { kind: "message", message };
      }
    } catch (error) {
      if (!(error instanceof ProtocolError)) throw error;
      this.#violated = true;
      this.#frames.drop();
      return { kind: "violation", error };
    }
  }

  retain(): void {
    this.#frames.retain();
  }

  end(): ProtocolError | undefined {
    return this.midFrame
      ? new ProtocolError("FRAME_TRUNCATED", "Cannot decode frame: the connection ended inside it")
      : undefined;
  }
}
