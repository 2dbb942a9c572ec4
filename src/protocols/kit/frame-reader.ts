import { ProtocolError } from "../protocol-error.ts";

/** How a dialect finds the end of a frame. */
export interface Framing {
  /**
   * Measures the frame that begins at `at`.
   *
   * @param available number of bytes from `at` on that have arrived, at least 1; other frames may follow in
   * them
   * @param examined how many of these bytes were there when this frame was measured before: they need not be
   * searched again
   * @returns the size of the whole frame in bytes. While it is not known, a number above `available`: how
   * many bytes are needed to know more, or {@link UNKNOWN}
   * @throws ProtocolError when no frame begins like this, or when the frame is longer than allowed. It must
   * throw before bytes of the frame are kept
   */
  measure(bytes: Buffer, at: number, available: number, examined: number): number;
}

/** The frame does not end in the bytes that have arrived, and its size is not known. */
export const UNKNOWN: number = Number.POSITIVE_INFINITY;

/**
 * Checks a frame's size. A framing calls it as soon as it knows the size.
 *
 * @param frameBytes all bytes of the frame
 * @param what the dialect's word for a frame
 * @throws ProtocolError FRAME_TOO_LARGE
 */
export function expectFrameBytes(frameBytes: number, max: number, what = "frame"): void {
  if (frameBytes <= max) return;
  throw new ProtocolError(
    "FRAME_TOO_LARGE",
    `Cannot decode ${what}: it has ${frameBytes} bytes, max is ${max}`,
  );
}

/** Size of the first buffer for a frame of unknown size. */
const PARTIAL_BYTES_MIN = 256;

/**
 * Cuts a stream of chunks into frames. A frame that is whole in a chunk is given as a view of the chunk. A
 * frame in several chunks is put together in a buffer, which is kept and grows to the largest frame so far;
 * it never has more than one chunk over what the framing allows.
 */
export class FrameReader {
  readonly #framing: Framing;
  #chunk: Buffer = NOTHING;
  #at = 0;
  /** The beginning of a frame, copied from earlier chunks. */
  #partial: Buffer = NOTHING;
  #partialBytes = 0;
  /** What the framing said about the partial frame, and how many bytes it looked at. */
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

  /** Gives the next chunk. The one before must be used up: {@link next} returned undefined. */
  feed(chunk: Uint8Array): void {
    this.#chunk = Buffer.isBuffer(chunk)
      ? chunk
      : Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength);
    this.#at = 0;
  }

  /** Forgets the chunk and the partial frame. */
  drop(): void {
    this.#chunk = NOTHING;
    this.#at = 0;
    this.#partialBytes = 0;
  }

  /** Copies what is left of the chunk: its memory will be used for something else. */
  retain(): void {
    this.#chunk = this.usedUp ? NOTHING : Buffer.from(this.#chunk.subarray(this.#at));
    this.#at = 0;
  }

  /**
   * @returns all bytes of the next frame, valid until the next call; undefined when more bytes are needed
   * @throws ProtocolError
   */
  next(): Buffer | undefined {
    const frame = this.#partialBytes > 0 ? this.#completePartial() : this.#cut();
    // The chunk is used up: release it, because the peer may be silent from now on.
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
        // Bytes that were copied beyond the frame's end are in this chunk: read them again.
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
