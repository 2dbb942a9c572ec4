import { createHash } from "node:crypto";
import {
  createMd5FramesCentralDecoder,
  createMd5FramesClientDecoder,
} from "../../../../src/protocols/dialects/md5-frames/decode.ts";
import { FakeCentral, type Replying } from "../../fake-central.ts";
import { decodeAll, type Seen } from "../../seen.ts";

const LIMITS = { frameBytesMax: 131_072 };

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
  return decodeAll(createMd5FramesClientDecoder(LIMITS), chunks);
}

export function fromCentral(...chunks: readonly Uint8Array[]): Seen[] {
  return decodeAll(createMd5FramesCentralDecoder(LIMITS), chunks);
}

export function fakeCentral(reply: Replying): FakeCentral {
  return new FakeCentral({ createDecoder: () => createMd5FramesClientDecoder(LIMITS), reply });
}
