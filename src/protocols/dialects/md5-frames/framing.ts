import type { FrameCodec } from "../../kit/frame-decoder.ts";
import { expectFrameBytes } from "../../kit/frame-reader.ts";
import { ProtocolError } from "../../protocol-error.ts";
import { LENGTH_BYTES, LENGTH_MIN, TYPE_AT } from "./layout.ts";

/** Frames: a length, a type, an identifier, a payload. */
export class Md5Frames<Message> implements FrameCodec<Message> {
  readonly #frameBytesMax: number;
  readonly #parse: (type: number, frame: Buffer) => Message;

  /**
   * @param frameBytesMax the length's own bytes included
   * @param parse takes a frame's type and all its bytes
   */
  constructor(frameBytesMax: number, parse: (type: number, frame: Buffer) => Message) {
    this.#frameBytesMax = frameBytesMax;
    this.#parse = parse;
  }

  measure(bytes: Buffer, at: number, available: number): number {
    if (available < LENGTH_BYTES) return LENGTH_BYTES;
    const length = bytes.readUInt32BE(at);
    if (length < LENGTH_MIN) {
      throw new ProtocolError(
        "MALFORMED",
        `Cannot decode frame: its length is ${length}, min is ${LENGTH_MIN}`,
      );
    }
    const frameBytes = LENGTH_BYTES + length;
    expectFrameBytes(frameBytes, this.#frameBytesMax);
    return frameBytes;
  }

  parse(frame: Buffer): Message {
    return this.#parse(frame.readUInt16BE(TYPE_AT), frame);
  }
}
