import type { Bet } from "../../../lottery/bet.ts";
import type { FlawField } from "../../../lottery/flaw.ts";
import type { BatchMeasure } from "../../agency-link.ts";
import { betFields } from "./encode.ts";
import { HEADER_BYTES } from "./layout.ts";

/** Header, and the count of none: `0#`. */
const OVERHEAD_BYTES = HEADER_BYTES + 2;

export const tlvMeasure: BatchMeasure = {
  overheadBytes: OVERHEAD_BYTES,
  betBytes(bet, _lineBytes, index) {
    const markerBytes = 2 + digits(index);
    // The tenth bet makes the count longer, the hundredth again.
    const countBytes = digits(index + 1) - digits(index);
    return markerBytes + Buffer.byteLength(betFields(bet)) + countBytes;
  },
};

function digits(count: number): number {
  return `${count}`.length;
}

const TEXT_FIELDS = ["firstName", "lastName", "document", "birthdate"] as const;

/** Every field ends at its `#`, and nothing is escaped. */
export function unfitForTlv(bet: Bet): { field: FlawField; reason: string } | undefined {
  for (const field of TEXT_FIELDS) {
    if (bet[field].includes("#")) return { field, reason: "has a #, which tlv cannot carry" };
    if (!bet[field].isWellFormed()) return { field, reason: "is not valid Unicode" };
  }
  return undefined;
}
