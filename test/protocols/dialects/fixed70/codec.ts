import type { Decoded } from "../../../../src/protocols/codec.ts";
import { createFixed70ClientDecoder } from "../../../../src/protocols/dialects/fixed70/decode.ts";
import { createFixed70Dialer } from "../../../../src/protocols/dialects/fixed70/dial.ts";
import type {
  Batch,
  ClientMessage,
  Zero,
} from "../../../../src/protocols/dialects/fixed70/wire.ts";

import type { AgencyLink, DialContext } from "../../../../src/protocols/agency-link.ts";
import { FakeCentral } from "../../fake-central.ts";
import { SERVE_LIMITS } from "../../serve-context.ts";

export function fakeCentral(): FakeCentral {
  return new FakeCentral({ createDecoder: () => createFixed70ClientDecoder(SERVE_LIMITS) });
}

export function dial(
  central: FakeCentral,
  version: "final" | "ej6" = "final",
  context: Partial<DialContext> = {},
): Promise<AgencyLink> {
  return central.dial(context, createFixed70Dialer(version, central.timer));
}

/** A message that outlives its bytes. */
export type Owned = Zero | (Omit<Batch, "lines"> & { readonly lines: string });

export interface Decodings {
  readonly messages: readonly Owned[];
  readonly violation?: string;
}

/** What a client decoder makes of chunks; whoever holds on to a chunk finds other bytes in it. */
export function decodeAll(
  chunks: readonly Uint8Array[],
  limits = { courseFrameBytesMax: 131_072 },
): Decodings {
  const decoder = createFixed70ClientDecoder(limits);
  const messages: Owned[] = [];
  for (const chunk of chunks) {
    const bytes = Buffer.from(chunk);
    for (const decoded of decoder.push(bytes)) {
      if (decoded.kind === "violation") return { messages, violation: decoded.error.code };
      messages.push(owned(decoded.message));
    }
    bytes.fill(0xee);
  }
  return { messages };
}

export function seenOf(decoded: Decoded<ClientMessage>): string {
  return decoded.kind === "violation" ? decoded.error.code : decoded.message.kind;
}

function owned(message: ClientMessage): Owned {
  if (message.kind === "zero") return message;
  return { ...message, lines: Buffer.from(message.lines).toString() };
}
