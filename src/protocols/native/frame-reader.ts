import { ProtocolError } from "../protocol-error.ts";
import { LENGTH_BYTES, TYPE_BYTES } from "./layout.ts";

/**
 * Cuts a stream of chunks into frames. A frame that lies whole in a chunk is given as a view of it;
 * one that is cut is put together in a buffer of its own, which grows to the largest frame so far and
 * never over the limit: a length is checked before anything is kept for it.
 */
export class FrameReader {
  readonly #frameBytesMax: number;
  readonly #preface: Uint8Array;
  #prefaceBytes = 0;
  #chunk: Buffer = NOTHING;
  #at = 0;
  /** The beginning of a frame, from chunks that are gone. */
  #partial: Buffer = NOTHING;
  #partialBytes = 0;

  /** @param preface what comes before the first frame */
  constructor(frameBytesMax: number, preface: Uint8Array = NOTHING) {
    this.#frameBytesMax = frameBytesMax;
    this.#preface = preface;
  }

  /** Whether a frame, or the preface, has begun and not ended. */
  get midFrame(): boolean {
    const midPreface = this.#prefaceBytes > 0 && this.#prefaceBytes < this.#preface.length;
    return this.#partialBytes > 0 || midPreface;
  }

  /** Takes the next chunk. The one before must be used up: {@link next} gave undefined. */
  feed(chunk: Uint8Array): void {
    this.#chunk = Buffer.isBuffer(chunk)
      ? chunk
      : Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength);
    this.#at = 0;
  }

  /**
   * @returns the next frame's type and body, valid until the next call; undefined when it takes more
   * bytes
   * @throws ProtocolError
   */
  next(): Buffer | undefined {
    if (this.#prefaceBytes < this.#preface.length && !this.#readPreface()) return undefined;
    if (this.#partialBytes > 0) return this.#completePartial();
    const left = this.#chunk.length - this.#at;
    if (left === 0) return undefined;
    const frameBytes = left < LENGTH_BYTES ? LENGTH_BYTES : this.#measure(this.#chunk, this.#at);
    if (left < LENGTH_BYTES || left < frameBytes) {
      this.#keep(frameBytes);
      return undefined;
    }
    const frame = this.#chunk.subarray(this.#at + LENGTH_BYTES, this.#at + frameBytes);
    this.#at += frameBytes;
    return frame;
  }

  #readPreface(): boolean {
    while (this.#prefaceBytes < this.#preface.length) {
      const byte = this.#chunk[this.#at];
      if (byte === undefined) return false;
      if (byte !== this.#preface[this.#prefaceBytes]) {
        throw new ProtocolError(
          "MALFORMED",
          `Cannot decode preface: byte ${this.#prefaceBytes} is ${byte}`,
        );
      }
      this.#at++;
      this.#prefaceBytes++;
    }
    return true;
  }

  #completePartial(): Buffer | undefined {
    if (!this.#keep(LENGTH_BYTES)) return undefined;
    const frameBytes = this.#measure(this.#partial, 0);
    if (!this.#keep(frameBytes)) return undefined;
    this.#partialBytes = 0;
    return this.#partial.subarray(LENGTH_BYTES, frameBytes);
  }

  /** Copies out of the chunk until `bytes` of the frame are kept. @returns whether they are */
  #keep(bytes: number): boolean {
    const missing = bytes - this.#partialBytes;
    if (missing <= 0) return true;
    if (this.#partial.length < bytes) {
      const grown = Buffer.allocUnsafeSlow(bytes);
      this.#partial.copy(grown, 0, 0, this.#partialBytes);
      this.#partial = grown;
    }
    const copied = this.#chunk.copy(
      this.#partial,
      this.#partialBytes,
      this.#at,
      this.#at + missing,
    );
    this.#at += copied;
    this.#partialBytes += copied;
    return copied === missing;
  }

  /** @returns bytes of the frame that begins at `at`, its length field counted */
  #measure(bytes: Buffer, at: number): number {
    const length = bytes.readUInt32BE(at);
    if (length < TYPE_BYTES) {
      throw new ProtocolError("MALFORMED", "Cannot decode frame: length is 0, min is 1");
    }
    const frameBytes = LENGTH_BYTES + length;
    if (frameBytes > this.#frameBytesMax) {
      throw new ProtocolError(
        "FRAME_TOO_LARGE",
        `Cannot decode frame: it has ${frameBytes} bytes, max is ${this.#frameBytesMax}`,
      );
    }
    return frameBytes;
  }
}

const NOTHING: Buffer = Buffer.alloc(0);
