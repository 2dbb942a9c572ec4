import { ProtocolError } from "../protocol-error.ts";

/** How a dialect tells where a frame ends. */
export interface Framing {
  /**
   * Measures the frame that begins at `at`.
   *
   * @param available bytes of it that have arrived, at least 1; more than the frame when others follow
   * @param examined how many of these were there when this frame was measured before: what was
   * searched then need not be searched again
   * @returns bytes of the whole frame; while that is not known, a number above `available`: as many as
   * it takes to know more, or {@link UNKNOWN} when only the next bytes can tell
   * @throws ProtocolError when no frame begins so, or when it is longer than allowed: before anything
   * is kept for it
   */
  measure(bytes: Buffer, at: number, available: number, examined: number): number;
}

/** The frame ends further on than what has arrived; nobody knows where. */
export const UNKNOWN: number = Number.POSITIVE_INFINITY;

/**
 * For a framing to call as soon as a frame's size is known.
 *
 * @param frameBytes all bytes of the frame
 * @param what the dialect calls a frame
 * @throws ProtocolError FRAME_TOO_LARGE
 */
export function expectFrameBytes(frameBytes: number, max: number, what = "frame"): void {
  if (frameBytes <= max) return;
  throw new ProtocolError(
    "FRAME_TOO_LARGE",
    `Cannot decode ${what}: it has ${frameBytes} bytes, max is ${max}`,
  );
}

/** A first buffer for a frame of unknown size. */
const PARTIAL_BYTES_MIN = 256;

/**
 * Cuts a stream of chunks into frames. A frame that lies whole in a chunk is given as a view of it;
 * one that is cut is put together in a buffer of its own, which grows to the largest frame so far and
 * never by more than one chunk over what its framing allows.
 */
export class FrameReader {
  readonly #framing: Framing;
  #chunk: Buffer = NOTHING;
  #at = 0;
  /** The beginning of a frame, from chunks that are gone. */
  #partial: Buffer = NOTHING;
  #partialBytes = 0;
  /** What the framing said of the partial frame, and of how many bytes. */
  #needed = 0;
  #examined = 0;

  constructor(framing: Framing) {
    this.#framing = framing;
  }

  /** Whether a frame has begun and not ended. */
  get midFrame(): boolean {
    return this.#partialBytes > 0;
  }

  /** Whether no byte of the chunk is left. */
  get usedUp(): boolean {
    return this.#at >= this.#chunk.length;
  }

  /** Takes the next chunk. The one before must be used up: {@link next} gave undefined. */
  feed(chunk: Uint8Array): void {
    this.#chunk = Buffer.isBuffer(chunk)
      ? chunk
      : Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength);
    this.#at = 0;
  }

  /** Nothing more is read, of this chunk or of any other. */
  drop(): void {
    this.#chunk = NOTHING;
    this.#at = 0;
    this.#partialBytes = 0;
  }

  /** The chunk's memory is about to be used again: copies what is left of it. */
  retain(): void {
    this.#chunk = this.usedUp ? NOTHING : Buffer.from(this.#chunk.subarray(this.#at));
    this.#at = 0;
  }

  /**
   * @returns the next frame, all its bytes, valid until the next call; undefined when it takes more
   * bytes
   * @throws ProtocolError
   */
  next(): Buffer | undefined {
    const frame = this.#partialBytes > 0 ? this.#completePartial() : this.#cut();
    // The chunk is used up: a peer that is silent from now on must not keep it.
    if (frame === undefined) this.feed(NOTHING);
    return frame;
  }

  #cut(): Buffer | undefined {
    const left = this.#chunk.length - this.#at;
    if (left === 0) return undefined;
    const bytes = this.#framing.measure(this.#chunk, this.#at, left, 0);
    if (bytes > left) {
      this.#needed = bytes;
      this.#examined = left;
      this.#keep(left);
      return undefined;
    }
    const frame = this.#chunk.subarray(this.#at, this.#at + bytes);
    this.#at += bytes;
    return frame;
  }

  #completePartial(): Buffer | undefined {
    for (;;) {
      const left = this.#chunk.length - this.#at;
      if (left === 0) return undefined;
      this.#keep(Math.min(left, this.#needed - this.#partialBytes));
      if (this.#partialBytes < this.#needed && this.#needed !== UNKNOWN) return undefined;
      const have = this.#partialBytes;
      const bytes = this.#framing.measure(this.#partial, 0, have, this.#examined);
      if (bytes <= have) {
        // What was kept beyond the frame's end came with this chunk: it is read again.
        this.#at -= have - bytes;
        this.#partialBytes = 0;
        return this.#partial.subarray(0, bytes);
      }
      this.#needed = bytes;
      this.#examined = have;
    }
  }

  /** Copies the chunk's next bytes to the partial frame. */
  #keep(bytes: number): void {
    const size = this.#partialBytes + bytes;
    if (this.#partial.length < size) {
      const wanted = this.#needed === UNKNOWN ? PARTIAL_BYTES_MIN : this.#needed;
      const grown = Buffer.allocUnsafeSlow(Math.max(size, wanted, growth(this.#partial)));
      this.#partial.copy(grown, 0, 0, this.#partialBytes);
      this.#partial = grown;
    }
    this.#at += this.#chunk.copy(this.#partial, this.#partialBytes, this.#at, this.#at + bytes);
    this.#partialBytes = size;
  }
}

function growth(buffer: Buffer): number {
  return buffer.length * 2;
}

const NOTHING: Buffer = Buffer.alloc(0);
