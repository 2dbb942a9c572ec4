import type { Dialect, Recognition } from "../../dialect.ts";
import { createTlvBatchesDialer, createTlvDialer } from "./dial.ts";
import { serveTlv } from "./serve.ts";
import { CODES, DELIMITER, DIGITS_MAX, HEADER_BYTES, LENGTH_AT } from "./wire.ts";

/** Packets of code, length and text: docs/protocols/tlv.md. */
export const tlvDialect: Dialect = {
  name: "tlv",
  recognise: recogniseTlv,
  serve: serveTlv,
  dialer: createTlvDialer(),
  earlier: { ej6: createTlvBatchesDialer() },
};

const ZERO = 0x30;
const NINE = 0x39;

/** The codes of a client's first packet. */
const FIRST_CODES: ReadonlySet<number | undefined> = new Set<number>([
  CODES.bet,
  CODES.batch,
  CODES.done,
  CODES.question,
]);

/** Recognises a client's code, and a body whose first field is a number. */
export function recogniseTlv(head: Uint8Array): Recognition {
  if (head.length === 0) return "more";
  if (!FIRST_CODES.has(head[0])) return "no";
  if (head.length < HEADER_BYTES) return "more";
  const { buffer, byteOffset, byteLength } = head;
  const bodyBytes = new DataView(buffer, byteOffset, byteLength).getUint32(LENGTH_AT);
  // The digits and their delimiter must be within the body.
  const digitsMax = Math.min(DIGITS_MAX, bodyBytes - 1);
  for (let digits = 0; digits <= digitsMax; digits++) {
    const byte = head[HEADER_BYTES + digits];
    if (byte === undefined) return "more";
    if (byte === DELIMITER) return digits > 0 ? "yes" : "no";
    if (byte < ZERO || byte > NINE) return "no";
  }
  return "no";
}
