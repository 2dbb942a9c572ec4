import type { Recognition } from "../../dialect.ts";
import { senderEnd } from "./framing.ts";
import { COLON, SENDER_DIGITS_MAX } from "./layout.ts";

/** Digits and a colon: no other dialect begins so, in any version. */
export function recogniseColonLines(head: Uint8Array): Recognition {
  const colon = senderEnd(head);
  if (colon > SENDER_DIGITS_MAX) return "no";
  if (colon === head.length) return "more";
  return colon > 0 && head[colon] === COLON ? "yes" : "no";
}
