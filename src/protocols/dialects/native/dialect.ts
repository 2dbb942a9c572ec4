import type { Dialect } from "../../dialect.ts";
import { createNativeDialer } from "./dial.ts";
import { recogniseNative } from "./recognise.ts";
import { serveNative } from "./serve.ts";

/** `quiniela/1`: docs/protocols/native.md. */
export const nativeDialect: Dialect = {
  name: "native",
  recognise: recogniseNative,
  serve: serveNative,
  dialer: createNativeDialer(),
};
