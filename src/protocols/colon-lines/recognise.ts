import type { Recognition } from "../dialect.ts";
import { senderEnd } from "./framing.ts";
import { COLON, CR, isDigit, SENDER_DIGITS_MAX } from "./layout.ts";

/** The first byte that is no control character. */
const PRINTABLE = 0x20;

/** Digits, a colon, and a type with its end or the beginning of a name. */
export function recogniseColonLines(head: Uint8Array): Recognition {
  const colon = senderEnd(head);
  if (colon > SENDER_DIGITS_MAX) return "no";
  if (colon === head.length) return "more";
  if (colon === 0 || head[colon] !== COLON) return "no";
  const first = head[colon + 1];
  if (first === undefined) return "more";
  if (first < PRINTABLE) return "no";
  if (!isDigit(first)) return "yes";
  const second = head[colon + 2];
  if (second === undefined) return "more";
  return second >= PRINTABLE || second === CR ? "yes" : "no";
}
