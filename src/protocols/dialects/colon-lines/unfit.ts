import type { Bet } from "../../../lottery/bet.ts";
import type { FlawField } from "../../../lottery/flaw.ts";

/**
 * Why a bet cannot be carried: nothing is escaped, so that a field with one of the dialect's own
 * marks would arrive as something else.
 */
export function unfitForColonLines(
  bet: Bet,
): { readonly field: FlawField; readonly reason: string } | undefined {
  for (const field of FIELDS) {
    const text = bet[field];
    const mark = MARK.exec(text)?.[0];
    if (mark !== undefined) return { field, reason: `has ${NAMES[mark]}, which is not escaped` };
    if (!text.isWellFormed()) return { field, reason: "is not valid Unicode" };
  }
  return undefined;
}

const FIELDS = ["firstName", "lastName", "document", "birthdate"] as const;
const MARK = /[,:\r\n]/;
const NAMES: Readonly<Record<string, string>> = {
  ",": "a comma",
  ":": "a colon",
  "\r": "a carriage return",
  "\n": "a line break",
};
