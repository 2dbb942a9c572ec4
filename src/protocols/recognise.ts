import { RECOGNISE_BYTES_MAX } from "../limits.ts";
import type { Dialect, Recognition } from "./dialect.ts";

export type Recognised =
  | { readonly kind: "dialect"; readonly dialect: Dialect }
  /** The bytes so far may still become a dialect. */
  | { readonly kind: "more" }
  /** A dialect that this build speaks and this central does not. */
  | { readonly kind: "disabled"; readonly dialect: Dialect }
  /** No dialect begins like this. */
  | { readonly kind: "unknown" };

/** Why a connection is refused before its first message. */
export type RecognitionErrorCode =
  /** No dialect of this build begins like this. */
  | "UNKNOWN_PROTOCOL"
  /** A dialect begins like this, but this central does not speak it. */
  | "DIALECT_DISABLED"
  /** A dialect that can prove nothing, on a connection without a certificate. */
  | "UNPROVEN_DIALECT";

/** @param complete the peer has ended its side: no bytes come after `head` */
export type Recogniser = (head: Uint8Array, complete?: boolean) => Recognised;

/**
 * Finds the dialect of a connection from its first bytes.
 *
 * Dialects earlier in the list go first: a later one is only taken once every earlier one has said "no". So
 * the order of the list decides, and not how the network cut the bytes. A dialect that accepts anything (the
 * echo of the exercise) must be last. After {@link RECOGNISE_BYTES_MAX} bytes "more" counts as "no", so that
 * the answer cannot be "more" for ever.
 *
 * @param disabled dialects that are recognised but not spoken: they are asked after all others
 * @returns a function of all bytes that have arrived so far; it keeps nothing between calls
 */
export function recogniser(
  dialects: readonly Dialect[],
  disabled: readonly Dialect[] = [],
): Recogniser {
  const asked = [
    ...dialects.map((dialect) => ({ kind: "dialect", dialect }) as const),
    ...disabled.map((dialect) => ({ kind: "disabled", dialect }) as const),
  ];
  return (head, complete = false) => {
    const last = complete || head.length >= RECOGNISE_BYTES_MAX;
    const beginning = head.subarray(0, RECOGNISE_BYTES_MAX);
    for (const recognised of asked) {
      const recognition = recognised.dialect.recognise(beginning);
      if (recognition === "yes") return recognised;
      if (recognition === "more" && !last) return { kind: "more" };
    }
    return { kind: "unknown" };
  };
}

/** For dialects whose connections begin with fixed bytes. */
export function recognisePrefix(head: Uint8Array, prefix: Uint8Array): Recognition {
  const bytes = Math.min(head.length, prefix.length);
  for (let at = 0; at < bytes; at++) if (head[at] !== prefix[at]) return "no";
  return bytes === prefix.length ? "yes" : "more";
}
