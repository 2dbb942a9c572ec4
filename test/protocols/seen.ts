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

/** Lines as the text they are, other bytes in hex. */
export function inText(message: object): Seen {
  return Object.fromEntries(
    Object.entries(message).map(([key, value]: [string, unknown]) => [
      key,
      value instanceof Uint8Array
        ? Buffer.from(value).toString(key.startsWith("line") ? "utf8" : "hex")
        : value,
    ]),
  );
}

/** What a central says: answers by a word for each kind, winners by their documents. */
export function inWords(seen: readonly Seen[], words: Readonly<Record<string, string>>): string[] {
  return seen.map((answer) => {
    if (typeof answer === "string") return answer;
    const { kind, documents } = answer as { kind: string; documents?: readonly string[] };
    if (documents !== undefined) return ["won", ...documents].join(" ");
    return words[kind] ?? `an answer without a word: ${kind}`;
  });
}

/** The message with bytes of its own. */
export function owned<Message extends object>(message: Message): Message {
  const entries = Object.entries(message).map(([key, value]: [string, unknown]) => [
    key,
    value instanceof Uint8Array ? Buffer.from(value) : value,
  ]);
  return Object.fromEntries(entries) as Message;
}
