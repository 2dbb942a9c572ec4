import { isUtf8 } from "node:buffer";
import { ProtocolError } from "../../protocol-error.ts";
import { TYPE_BYTES } from "./layout.ts";
import { plural } from "../../../lottery/plural.ts";

/** Reads the fields of one frame's body in order. @throws ProtocolError MALFORMED, from every method */
export class BodyReader {
  readonly #frame: Buffer;
  readonly #what: string;
  #at = TYPE_BYTES;

  /**
   * @param frame type and body
   * @param what the message's name, for what is said about it
   */
  constructor(frame: Buffer, what: string) {
    this.#frame = frame;
    this.#what = what;
  }

  u8(): number {
    return this.#frame.readUInt8(this.#take(1));
  }

  u16(): number {
    return this.#frame.readUInt16BE(this.#take(2));
  }

  u32(): number {
    return this.#frame.readUInt32BE(this.#take(4));
  }

  u64(field: string): number {
    const at = this.#take(8);
    const value = this.#frame.readUInt32BE(at) * 0x1_0000_0000 + this.#frame.readUInt32BE(at + 4);
    if (!Number.isSafeInteger(value)) throw this.flaw(`${field} is above 2^53 - 1`);
    return value;
  }

  /** A whole number from 1. */
  sequence(field = "sequence"): number {
    const value = this.u64(field);
    if (value === 0) throw this.flaw(`${field} is 0, min is 1`);
    return value;
  }

  /** A view of the frame. */
  bytes(length: number): Buffer {
    const at = this.#take(length);
    return this.#frame.subarray(at, at + length);
  }

  str8(field: string): string {
    return this.#text(this.u8(), field);
  }

  str16(field: string): string {
    return this.#text(this.u16(), field);
  }

  /** All that is left, as a view of the frame. */
  rest(): Buffer {
    return this.bytes(this.#frame.length - this.#at);
  }

  /** Nothing may be left. */
  end(): void {
    const left = this.#frame.length - this.#at;
    if (left > 0) throw this.flaw(`${plural(left, "byte")} ${left === 1 ? "is" : "are"} left over`);
  }

  flaw(state: string): ProtocolError {
    return new ProtocolError("MALFORMED", `Cannot decode ${this.#what}: ${state}`);
  }

  #text(length: number, field: string): string {
    const bytes = this.bytes(length);
    if (!isUtf8(bytes)) throw this.flaw(`${field} is not valid UTF-8`);
    return bytes.toString("utf8");
  }

  #take(length: number): number {
    const at = this.#at;
    if (at + length > this.#frame.length) {
      const missing = at + length - this.#frame.length;
      throw this.flaw(`${plural(missing, "byte")} ${missing === 1 ? "is" : "are"} missing`);
    }
    this.#at = at + length;
    return at;
  }
}
