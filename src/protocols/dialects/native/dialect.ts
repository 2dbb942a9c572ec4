import type { Dialect, Recognition } from "../../dialect.ts";
import { recognisePrefix } from "../../recognise.ts";
import { createNativeDialer } from "./dial.ts";
import { encodeCentral } from "./encode.ts";
import { refusalMessage } from "./refuse.ts";
import { serveNative } from "./serve.ts";
import { ALPN, PREFACE } from "./wire.ts";

/** `quiniela/1`: docs/protocols/native.md. */
export const nativeDialect: Dialect = {
  name: "native",
  recognise: recogniseNative,
  serve: serveNative,
  takesTokens: true,
  announced: {
    protocol: ALPN,
    turnAway: (refusal) => encodeCentral(refusalMessage(refusal)),
  },
  dialer: createNativeDialer(),
};

/** A connection that begins with the preface speaks quiniela/1. */
export function recogniseNative(head: Uint8Array): Recognition {
  return recognisePrefix(head, PREFACE);
}
