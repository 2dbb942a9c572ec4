import type { Recognition } from "../../dialect.ts";
import { recognisePrefix } from "../../recognise.ts";
import { PREFACE } from "./layout.ts";

/** A connection that begins with the preface speaks quiniela/1. */
export function recogniseNative(head: Uint8Array): Recognition {
  return recognisePrefix(head, PREFACE);
}
