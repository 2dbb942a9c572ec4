import type { Recognition } from "../../dialect.ts";
import { versionOf } from "./version.ts";

/**
 * All versions begin with two zero bytes, and say by their 12th byte which one they are. The frames of
 * md5-frames may begin with zeros too, but have a type in the fifth and sixth byte, where this dialect
 * has zeros or a letter.
 */
export function recogniseFixed70(head: Uint8Array): Recognition {
  const version = versionOf(head, 0, head.length);
  if (version === "more") return "more";
  return version === "none" ? "no" : "yes";
}
