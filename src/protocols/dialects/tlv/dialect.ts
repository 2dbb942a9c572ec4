import type { Dialect } from "../../dialect.ts";
import { createTlvBatchesDialer, createTlvDialer } from "./dial.ts";
import { recogniseTlv } from "./recognise.ts";
import { serveTlv } from "./serve.ts";

/** Packets of code, length and text: docs/protocols/tlv.md. */
export const tlvDialect: Dialect = {
  name: "tlv",
  recognise: recogniseTlv,
  serve: serveTlv,
  dialer: createTlvDialer(),
  earlier: { ej6: createTlvBatchesDialer() },
};
