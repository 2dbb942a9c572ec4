import { HELLO_BYTES, type Version } from "./layout.ts";

const BLANK = 0x20;
const DELETE = 0x7f;

/** `more`: the bytes so far begin several versions; `none`: no version begins like this. */
export type VersionSeen = Version | "more" | "none";

/**
 * Tells the version of a connection from its first bytes, 12 of them at most:
 *
 *     ej5    agency u32, then a letter
 *     ej6    count u32, agency u32, then a letter
 *     final  agency u32, count u32, agency u32
 *            agency u32, 0 u32: no bets
 *
 * Agencies and counts are below 65,536 here, so the first two bytes of each are zeros.
 *
 * @param at where the connection's bytes begin
 * @param available bytes that have arrived, of which no more than 12 are looked at
 */
export function versionOf(bytes: Uint8Array, at: number, available: number): VersionSeen {
  if (!isZero(bytes, at, available, 2)) return "none";
  if (available < HELLO_BYTES) return "more";
  if (isZero(bytes, at + 2, 2, 2)) return "none";
  if (available === 4) return "more";
  const fifth = bytes[at + 4] as number;
  if (fifth !== 0) return isPrintable(fifth) ? "ej5" : "none";
  if (!isZero(bytes, at + 4, available - 4, 2)) return "none";
  if (available < 8) return "more";
  if (isZero(bytes, at + 6, 2, 2)) return "final";
  if (available === 8) return "more";
  const ninth = bytes[at + 8] as number;
  if (ninth !== 0) return isPrintable(ninth) ? "ej6" : "none";
  if (!isZero(bytes, at + 8, available - 8, 2)) return "none";
  if (available < 12) return "more";
  // No agency is 0: these are the first bytes of a first name that is empty.
  return isZero(bytes, at + 10, 2, 2) ? "ej6" : "final";
}

/** Whether the first `count` bytes are zeros, as far as they have arrived. */
function isZero(bytes: Uint8Array, at: number, available: number, count: number): boolean {
  for (let index = 0; index < Math.min(available, count); index++) {
    if (bytes[at + index] !== 0) return false;
  }
  return true;
}

/** As the first byte of a name may be, in ASCII or in any other letter of UTF-8. */
function isPrintable(byte: number): boolean {
  return byte >= BLANK && byte !== DELETE;
}
