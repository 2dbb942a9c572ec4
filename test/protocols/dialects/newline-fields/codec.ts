import {
  createNewlineFieldsCentralDecoder,
  createNewlineFieldsClientDecoder,
} from "../../../../src/protocols/dialects/newline-fields/decode.ts";
import { FakeCentral, type Replying } from "../../fake-central.ts";
import { decodeAll, type Seen } from "../../seen.ts";

const LIMITS = { frameBytesMax: 131_072 };

export function fromClient(...chunks: readonly (string | Uint8Array)[]): Seen[] {
  return decodeAll(createNewlineFieldsClientDecoder(LIMITS), chunks);
}

export function fromCentral(...chunks: readonly (string | Uint8Array)[]): Seen[] {
  return decodeAll(createNewlineFieldsCentralDecoder(LIMITS), chunks);
}

export function fakeCentral(reply: Replying): FakeCentral {
  return new FakeCentral({ createDecoder: () => createNewlineFieldsClientDecoder(LIMITS), reply });
}

/** The messages of each connection. */
export function messagesOf({ heard }: FakeCentral): string[][] {
  return heard.map(({ messages }) => messages.map(String));
}
