import type { Decoded, Decoder } from "../../../../src/protocols/codec.ts";
import {
  createCentralDecoder,
  createClientDecoder,
} from "../../../../src/protocols/dialects/native/decode.ts";
import { encodeCentral, encodeClient } from "../../../../src/protocols/dialects/native/encode.ts";
import {
  type CentralMessage,
  type ClientMessage,
  PREFACE,
} from "../../../../src/protocols/dialects/native/wire.ts";
import { owned } from "../../seen.ts";

export type Message = ClientMessage | CentralMessage;
export type Sender = "client" | "central";

/** A decoder for what `sender` sends; a client's preface is behind it already. */
export function decoderFor(sender: Sender, frameBytesMax = 8192): Decoder<Message> {
  if (sender === "central") return createCentralDecoder({ frameBytesMax });
  const decoder = createClientDecoder({ frameBytesMax });
  for (const decoded of decoder.push(PREFACE)) throw new Error(`The preface is ${decoded.kind}`);
  return decoder;
}

/** What chunks decode to, each copied out of its chunk, which is overwritten afterwards. */
export function decodeAll(
  decoder: Decoder<Message>,
  chunks: Iterable<Uint8Array>,
): Decoded<Message>[] {
  const all: Decoded<Message>[] = [];
  for (const bytes of chunks) {
    const chunk = Buffer.from(bytes);
    for (const decoded of decoder.push(chunk)) {
      all.push(
        decoded.kind === "message" ? { ...decoded, message: owned(decoded.message) } : decoded,
      );
    }
    chunk.fill(0xee);
  }
  return all;
}

export function messagesOf(decoder: Decoder<Message>, chunks: Iterable<Uint8Array>): Message[] {
  return decodeAll(decoder, chunks).map((decoded) => {
    if (decoded.kind === "violation") throw decoded.error;
    return decoded.message;
  });
}

export function encode(sender: Sender, message: Message): Buffer {
  return sender === "client"
    ? encodeClient(message as ClientMessage)
    : encodeCentral(message as CentralMessage);
}
