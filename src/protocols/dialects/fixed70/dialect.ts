import type { Dialect, Recognition } from "../../dialect.ts";
import { createFixed70Dialer } from "./dial.ts";
import { serveFixed70 } from "./serve.ts";
import { versionOf } from "./wire.ts";

/** Records of 70 bytes on one connection: docs/protocols/fixed70.md. */
export const fixed70Dialect: Dialect = {
  name: "fixed70",
  recognise: recogniseFixed70,
  serve: serveFixed70,
  dialer: createFixed70Dialer(),
  earlier: { ej6: createFixed70Dialer("ej6") },
};

/**
 * All versions begin with two zero bytes, and the first 12 bytes decide which one it is. The frames of
 * md5-frames may begin with zeros too, but their fifth and sixth byte are a type, where this dialect has
 * zeros or a letter.
 */
export function recogniseFixed70(head: Uint8Array): Recognition {
  const version = versionOf(head, 0, head.length);
  if (version === "more") return "more";
  return version === "none" ? "no" : "yes";
}
