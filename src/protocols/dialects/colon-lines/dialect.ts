import type { Dialect, Recognition } from "../../dialect.ts";
import { createColonLinesDialer } from "./dial.ts";
import { serveColonLines } from "./serve.ts";
import { COLON, SENDER_DIGITS_MAX, senderEnd } from "./wire.ts";

/** The protocol of the first seed, in its versions: docs/protocols/colon-lines.md. */
export const colonLinesDialect: Dialect = {
  name: "colon-lines",
  recognise: recogniseColonLines,
  serve: serveColonLines,
  dialer: createColonLinesDialer("ej8"),
  earlier: { ej6: createColonLinesDialer("ej6"), ej7: createColonLinesDialer("ej7") },
};

/** Recognises digits and a colon: no other dialect begins like this, in any version. */
export function recogniseColonLines(head: Uint8Array): Recognition {
  const colon = senderEnd(head);
  if (colon > SENDER_DIGITS_MAX) return "no";
  if (colon === head.length) return "more";
  return colon > 0 && head[colon] === COLON ? "yes" : "no";
}
