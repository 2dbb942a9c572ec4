import type { Dialect } from "../../dialect.ts";
import { createFixed70Dialer } from "./dial.ts";
import { recogniseFixed70 } from "./recognise.ts";
import { serveFixed70 } from "./serve.ts";

/** Records of 70 bytes on one connection: docs/protocols/fixed70.md. */
export const fixed70Dialect: Dialect = {
  name: "fixed70",
  recognise: recogniseFixed70,
  serve: serveFixed70,
  dialer: createFixed70Dialer(),
  earlier: { ej6: createFixed70Dialer("ej6") },
};
