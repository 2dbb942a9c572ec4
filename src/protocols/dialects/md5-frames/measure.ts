import type { Bet } from "../../../lottery/bet.ts";
import type { FlawField } from "../../../lottery/flaw.ts";
import type { BatchMeasure } from "../../agency-link.ts";
import { betText } from "./encode.ts";
import { PAYLOAD_AT } from "./layout.ts";
import { SPACED_AT_ENDS } from "./white-space.ts";

export const md5FramesMeasure: BatchMeasure = {
  overheadBytes: PAYLOAD_AT,
  /** A bar goes between two bets. */
  betBytes: (bet, _lineBytes, index) => Buffer.byteLength(betText(bet)) + (index > 0 ? 1 : 0),
};

const TEXT_FIELDS = ["firstName", "lastName", "document", "birthdate"] as const;

/** Nothing is escaped, and a central strips the white space around every value. */
export function unfitForMd5Frames(bet: Bet): { field: FlawField; reason: string } | undefined {
  for (const field of TEXT_FIELDS) {
    const text = bet[field];
    const mark = /[,|]/.exec(text)?.[0];
    if (mark !== undefined) {
      return { field, reason: `has a ${mark} which md5-frames cannot carry` };
    }
    if (SPACED_AT_ENDS.test(text)) {
      return { field, reason: "has white space at an end, where md5-frames loses it" };
    }
    if (!text.isWellFormed()) return { field, reason: "is not valid Unicode" };
  }
  return undefined;
}
