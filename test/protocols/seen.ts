import type { Decoder } from "../../src/protocols/codec.ts";

/** A message with its bytes as text, or the code of the violation. */
export type Seen = Record<string, unknown> | string;

/** What a decoder makes of chunks, nothing of which is a view of them. */
export function decodeAll<Message extends object>(
  decoder: Decoder<Message>,
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

/** Lines as the text they are, an identifier in hex. */
function inText(message: object): Seen {
  return Object.fromEntries(
    Object.entries(message).map(([key, value]: [string, unknown]) => [
      key,
      value instanceof Uint8Array
        ? Buffer.from(value).toString(key === "lines" ? "utf8" : "hex")
        : value,
    ]),
  );
}

/** The bytes in pieces of the sizes given, again and again. */
export function pieces(bytes: Uint8Array, sizes: readonly number[]): Buffer[] {
  const chunks: Buffer[] = [];
  for (let at = 0, index = 0; at < bytes.length; index++) {
    const size = sizes[index % sizes.length] ?? bytes.length;
    chunks.push(Buffer.from(bytes.subarray(at, at + size)));
    at += size;
  }
  return chunks;
}
