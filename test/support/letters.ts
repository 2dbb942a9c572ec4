import { createFrameDecoder, type FrameDecoder } from "../../src/protocols/kit/frame-decoder.ts";

/** A decoder for which every byte is a message. */
export function letterDecoder(): FrameDecoder<string> {
  return createFrameDecoder({ measure: () => 1, parse: (frame) => frame.toString("latin1") });
}
