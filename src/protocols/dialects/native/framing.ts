import type { FrameCodec } from "../../kit/frame-decoder.ts";
import { expectFrameBytes } from "../../kit/frame-reader.ts";
import { ProtocolError } from "../../protocol-error.ts";
import { LENGTH_BYTES, TYPE_BYTES } from "./layout.ts";

/** The frames of quiniela/1: a length, which does not count itself, then type and body. */
export class NativeFrames<Message> implements FrameCodec<Message> {
  readonly #frameBytesMax: number;
  readonly #parse: (frame: Buffer) => Message;
  /** What comes before the first frame, as long as it is to come. */
  #preface: Uint8Array | undefined;

  /**
   * @param parse takes a frame's type and body
   * @param preface what comes before the first frame
   */
  constructor(frameBytesMax: number, parse: (frame: Buffer) => Message, preface?: Uint8Array) {
    this.#frameBytesMax = frameBytesMax;
    this.#parse = parse;
    this.#preface = preface;
  }

  measure(bytes: Buffer, at: number, available: number): number {
    if (this.#preface !== undefined) return checkPreface(this.#preface, bytes, at, available);
    if (available < LENGTH_BYTES) return LENGTH_BYTES;
    const length = bytes.readUInt32BE(at);
    if (length < TYPE_BYTES) {
      throw new ProtocolError("MALFORMED", "Cannot decode frame: length is 0, min is 1");
    }
    const frameBytes = LENGTH_BYTES + length;
    expectFrameBytes(frameBytes, this.#frameBytesMax);
    return frameBytes;
  }

  parse(frame: Buffer): Message | undefined {
    if (this.#preface === undefined) return this.#parse(frame.subarray(LENGTH_BYTES));
    this.#preface = undefined;
    return undefined;
  }
}

function checkPreface(preface: Uint8Array, bytes: Buffer, at: number, available: number): number {
  for (let index = 0; index < Math.min(available, preface.length); index++) {
    const byte = bytes[at + index];
    if (byte === preface[index]) continue;
    throw new ProtocolError("MALFORMED", `Cannot decode preface: byte ${index} is ${byte}`);
  }
  // One more at a time: the first wrong byte is told at once.
  return Math.min(available + 1, preface.length);
}
