import { LENGTH_BYTES, TYPE_BYTES, U16_MAX } from "./layout.ts";

/** Bytes of a string with its length before it. */
export const str8Bytes = (text: string): number => 1 + Buffer.byteLength(text);
export const str16Bytes = (text: string): number => 2 + Buffer.byteLength(text);

/**
 * Writes one frame field by field. What does not fit its field is the caller's mistake: RangeError.
 *
 * Small frames come out of Node's buffer pool, so that one costs no allocation of its own.
 */
export class FrameWriter {
  readonly #frame: Buffer;
  #at = LENGTH_BYTES + TYPE_BYTES;

  constructor(type: number, bodyBytes: number) {
    this.#frame = Buffer.allocUnsafe(LENGTH_BYTES + TYPE_BYTES + bodyBytes);
    this.#frame.writeUInt32BE(TYPE_BYTES + bodyBytes, 0);
    this.#frame[LENGTH_BYTES] = type;
  }

  u8(value: number): this {
    this.#at = this.#frame.writeUInt8(value, this.#at);
    return this;
  }

  u16(value: number): this {
    this.#at = this.#frame.writeUInt16BE(value, this.#at);
    return this;
  }

  u32(value: number): this {
    this.#at = this.#frame.writeUInt32BE(value, this.#at);
    return this;
  }

  /** A whole number up to 2^53 - 1. */
  u64(value: number): this {
    if (!Number.isSafeInteger(value) || value < 0) {
      throw new RangeError(`Cannot write a u64: ${value} is not a whole number up to 2^53 - 1`);
    }
    this.u32(Math.floor(value / 0x1_0000_0000));
    return this.u32(value % 0x1_0000_0000);
  }

  /** As many bytes as there are, or exactly `length` where the format fixes it. */
  bytes(value: Uint8Array, length = value.length): this {
    if (value.length !== length) {
      throw new RangeError(`Cannot write a field of ${length} bytes: there are ${value.length}`);
    }
    this.#frame.set(value, this.#at);
    this.#at += length;
    return this;
  }

  str8(text: string): this {
    return this.u8(Buffer.byteLength(text)).#text(text);
  }

  str16(text: string): this {
    return this.u16(Buffer.byteLength(text)).#text(text);
  }

  blob16(value: Uint8Array): this {
    if (value.length > U16_MAX) {
      throw new RangeError(`Cannot write ${value.length} bytes: the field holds ${U16_MAX}`);
    }
    return this.u16(value.length).bytes(value);
  }

  /** The frame, once every byte of it is written. */
  done(): Buffer {
    if (this.#at !== this.#frame.length) {
      throw new RangeError(
        `Cannot finish a frame: ${this.#at} of ${this.#frame.length} bytes are written`,
      );
    }
    return this.#frame;
  }

  #text(text: string): this {
    this.#at += this.#frame.write(text, this.#at);
    return this;
  }
}
