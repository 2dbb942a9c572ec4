import {
  createTlvCentralDecoder,
  createTlvClientDecoder,
} from "../../../../src/protocols/dialects/tlv/decode.ts";
import { FakeCentral, type Replying } from "../../fake-central.ts";
import { decodeAll, type Seen } from "../../seen.ts";

const LIMITS = { frameBytesMax: 131_072 };

export function packet(code: number, body: string | Uint8Array): Buffer {
  const bytes = Buffer.from(body);
  const header = Buffer.alloc(5);
  header[0] = code;
  header.writeUInt32BE(bytes.length, 1);
  return Buffer.concat([header, bytes]);
}

export function fromClient(...chunks: readonly Uint8Array[]): Seen[] {
  return decodeAll(createTlvClientDecoder(LIMITS), chunks);
}

export function fromCentral(...chunks: readonly Uint8Array[]): Seen[] {
  return decodeAll(createTlvCentralDecoder(LIMITS), chunks);
}

export function fakeCentral(reply: Replying): FakeCentral {
  return new FakeCentral({ createDecoder: () => createTlvClientDecoder(LIMITS), reply });
}
