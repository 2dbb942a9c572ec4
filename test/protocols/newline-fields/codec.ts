import type { Decoder } from "../../../src/protocols/codec.ts";
import {
  createNewlineFieldsCentralDecoder,
  createNewlineFieldsClientDecoder,
} from "../../../src/protocols/newline-fields/decode.ts";
import type {
  CentralMessage,
  ClientMessage,
} from "../../../src/protocols/newline-fields/messages.ts";

/** A message with its lines as text, or the code of the violation. */
export type Seen = Record<string, unknown> | string;

const LIMITS = { frameBytesMax: 131_072 };

export function fromClient(...chunks: readonly (string | Uint8Array)[]): Seen[] {
  return decodeAll(createNewlineFieldsClientDecoder(LIMITS), chunks);
}

export function fromCentral(...chunks: readonly (string | Uint8Array)[]): Seen[] {
  return decodeAll(createNewlineFieldsCentralDecoder(LIMITS), chunks);
}

/** What a decoder makes of chunks, nothing of which is a view of them. */
export function decodeAll(
  decoder: Decoder<ClientMessage | CentralMessage>,
  chunks: readonly (string | Uint8Array)[],
): Seen[] {
  const seen: Seen[] = [];
  for (const chunk of chunks) {
    const bytes = Buffer.from(chunk as string);
    for (const decoded of decoder.push(bytes)) {
      seen.push(decoded.kind === "violation" ? decoded.error.code : inText(decoded.message));
    }
    bytes.fill(0xee);
  }
  return seen;
}

function inText(message: ClientMessage | CentralMessage): Seen {
  return message.kind === "batch"
    ? { ...message, lines: Buffer.from(message.lines).toString() }
    : { ...message };
}

/** The bytes in pieces of the sizes given, again and again. */
export function pieces(bytes: Uint8Array, sizes: readonly number[]): Uint8Array[] {
  const chunks: Uint8Array[] = [];
  for (let at = 0, index = 0; at < bytes.length; index++) {
    const size = sizes[index % sizes.length] ?? bytes.length;
    chunks.push(bytes.subarray(at, at + size));
    at += size;
  }
  return chunks;
}
