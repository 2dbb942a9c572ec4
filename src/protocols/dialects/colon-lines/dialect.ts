import type { Dialect } from "../../dialect.ts";
import { createColonLinesDialer } from "./dial.ts";
import { recogniseColonLines } from "./recognise.ts";
import { serveColonLines } from "./serve.ts";

/** The protocol of the first seed, in its versions: docs/protocols/colon-lines.md. */
export const colonLinesDialect: Dialect = {
  name: "colon-lines",
  recognise: recogniseColonLines,
  serve: serveColonLines,
  dialer: createColonLinesDialer("ej8"),
  earlier: { ej6: createColonLinesDialer("ej6"), ej7: createColonLinesDialer("ej7") },
};
