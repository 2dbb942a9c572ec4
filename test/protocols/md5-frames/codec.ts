import { createHash } from "node:crypto";
import type { Decoder } from "../../../src/protocols/codec.ts";
import {
  createMd5FramesCentralDecoder,
  createMd5FramesClientDecoder,
} from "../../../src/protocols/md5-frames/decode.ts";
import type { CentralMessage, ClientMessage } from "../../../src/protocols/md5-frames/messages.ts";

/** A message with its identifier in hex and its lines as text, or the code of the violation. */
export type Seen = Record<string, unknown> | string;

export function md5(payload: string | Uint8Array): Buffer {
  return createHash("md5").update(payload).digest();
}

/** A frame, written without our encoder. @param identifier that of the payload unless another is given */
export function frame(
  type: number,
  payload: string | Uint8Array,
  identifier: Uint8Array = md5(payload),
): Buffer {
  const bytes = Buffer.from(payload);
  const header = Buffer.alloc(6);
  header.writeUInt32BE(18 + bytes.length);
  header.writeUInt16BE(type, 4);
  return Buffer.concat([header, identifier, bytes]);
}

export function identifierIn(bytes: Buffer): Buffer {
  return bytes.subarray(6, 22);
}

export function payloadIn(bytes: Buffer): Buffer {
  return bytes.subarray(22);
}

export function fromClient(...chunks: readonly Uint8Array[]): Seen[] {
  return decodeAll(createMd5FramesClientDecoder({ frameBytesMax: 131_072 }), chunks);
}

export function fromCentral(...chunks: readonly Uint8Array[]): Seen[] {
  return decodeAll(createMd5FramesCentralDecoder({ frameBytesMax: 131_072 }), chunks);
}

/** What a decoder makes of chunks, nothing of which is a view of them. */
function decodeAll(
  decoder: Decoder<ClientMessage | CentralMessage>,
  chunks: readonly Uint8Array[],
): Seen[] {
  const seen: Seen[] = [];
  for (const chunk of chunks) {
    const bytes = Buffer.from(chunk);
    for (const decoded of decoder.push(bytes)) {
      seen.push(decoded.kind === "violation" ? decoded.error.code : inText(decoded.message));
    }
    bytes.fill(0xee);
  }
  return seen;
}

function inText(message: ClientMessage | CentralMessage): Seen {
  const identifier = Buffer.from(message.identifier).toString("hex");
  return message.kind === "batch"
    ? { ...message, identifier, lines: Buffer.from(message.lines).toString() }
    : { ...message, identifier };
}
