import { TLSSocket } from "node:tls";
import { PROOF_BYTES } from "./token.ts";

/** An exporter (RFC 5705) of its own: what binds a proof to its connection is used for nothing else. */
const LABEL = "EXPORTER-quiniela/1 channel binding";

/**
 * 32 bytes that only the two ends of this TLS connection know, the same at both.
 *
 * @returns undefined when the connection is not one of TLS whose handshake is over
 */
export function channelBindingOf(connection: object): Uint8Array | undefined {
  if (!(connection instanceof TLSSocket)) return undefined;
  try {
    return connection.exportKeyingMaterial(PROOF_BYTES, LABEL, Buffer.alloc(0));
  } catch {
    // It was closed meanwhile.
    return undefined;
  }
}
