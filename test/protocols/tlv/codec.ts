import type { Decoder } from "../../../src/protocols/codec.ts";
import {
  createTlvCentralDecoder,
  createTlvClientDecoder,
} from "../../../src/protocols/tlv/decode.ts";
import type { CentralMessage, ClientMessage } from "../../../src/protocols/tlv/messages.ts";

/** A message with its lines as text, or the code of the violation. */
export type Seen = Record<string, unknown> | string;

export function packet(code: number, body: string | Uint8Array): Buffer {
  const bytes = Buffer.from(body);
  const header = Buffer.alloc(5);
  header[0] = code;
  header.writeUInt32BE(bytes.length, 1);
  return Buffer.concat([header, bytes]);
}

/** What a decoder makes of chunks, nothing of which is a view of them. */
export function decodeAll(
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

export function fromClient(...chunks: readonly Uint8Array[]): Seen[] {
  return decodeAll(createTlvClientDecoder({ frameBytesMax: 131_072 }), chunks);
}

export function fromCentral(...chunks: readonly Uint8Array[]): Seen[] {
  return decodeAll(createTlvCentralDecoder({ frameBytesMax: 131_072 }), chunks);
}

function inText(message: ClientMessage | CentralMessage): Seen {
  return message.kind === "batch"
    ? { ...message, lines: Buffer.from(message.lines).toString() }
    : { ...message };
}

/** The bytes in pieces of the sizes given, again and again. */
export function pieces(bytes: Buffer, sizes: readonly number[]): Buffer[] {
  const chunks: Buffer[] = [];
  for (let at = 0, index = 0; at < bytes.length; index++) {
    const size = sizes[index % sizes.length] ?? bytes.length;
    chunks.push(bytes.subarray(at, at + size));
    at += size;
  }
  return chunks;
}
