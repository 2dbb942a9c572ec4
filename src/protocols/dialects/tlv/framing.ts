import type { FrameCodec } from "../../kit/frame-decoder.ts";
import { expectFrameBytes } from "../../kit/frame-reader.ts";
import { HEADER_BYTES, LENGTH_AT } from "./layout.ts";

/** The packets of tlv: a code, the length of the body, the body. */
export class TlvPackets<Message> implements FrameCodec<Message> {
  readonly #packetBytesMax: number;
  readonly #parse: (code: number, packet: Buffer) => Message | undefined;

  /**
   * @param packetBytesMax header and body
   * @param parse takes a packet's code and all its bytes
   */
  constructor(
    packetBytesMax: number,
    parse: (code: number, packet: Buffer) => Message | undefined,
  ) {
    this.#packetBytesMax = packetBytesMax;
    this.#parse = parse;
  }

  measure(bytes: Buffer, at: number, available: number): number {
    if (available < HEADER_BYTES) return HEADER_BYTES;
    const packetBytes = HEADER_BYTES + bytes.readUInt32BE(at + LENGTH_AT);
    expectFrameBytes(packetBytes, this.#packetBytesMax, "packet");
    return packetBytes;
  }

  parse(packet: Buffer): Message | undefined {
    return this.#parse(packet[0] as number, packet);
  }
}
