import type { Bet } from "../../../lottery/bet.ts";

// Sizes, offsets and words of fixed70: docs/protocols/fixed70.md.

/** Every integer is unsigned and big-endian. */
export const U32_BYTES = 4;

export const HELLO_BYTES: number = U32_BYTES;
export const COUNT_BYTES: number = U32_BYTES;

export const RECORD_BYTES = 70;
export const FIRST_NAME_AT = 4;
export const LAST_NAME_AT = 28;
export const DOCUMENT_AT = 52;
export const BIRTHDATE_AT = 56;
export const NUMBER_AT = 66;

/** Bytes, not characters: the course's client cuts a longer name there, even within a character. */
export const NAME_BYTES_MAX = 24;
export const BIRTHDATE_BYTES_MAX = 10;
export const U32_MAX = 0xffff_ffff;

/** With larger numbers the first bytes of a connection could be those of other dialects. */
export const AGENCY_MAX = 0xffff;

/** Named after the exercise; `final` is the version of exercises 7 and 8. */
export type Version = "ej5" | "ej6" | "final";

/** A central's answer to a bet or a batch that is stored. */
export const CONFIRMATIONS: Readonly<Record<Version, Buffer>> = {
  ej5: Buffer.from("ACK"),
  ej6: Buffer.from("ACK\n"),
  final: Buffer.of(0, 0, 0, 1),
};

/**
 * The course's client sleeps after a full batch (2 s unless configured otherwise) and not after a shorter
 * one. So a zero that comes so long after the confirmation of the only batch is an empty batch.
 */
export const EMPTY_BATCH_PAUSE_MS = 1000;

/**
 * A client without bets sends hello and zero, and waits. An ej5 record with an empty first name begins with
 * the same bytes, but its other bytes come within this time.
 */
export const OPENING_PAUSE_MS = 100;

/** When nothing comes after a `1` for so long, it was a confirmation and not a count of winners. */
export const LONE_ONE_MS = 1000;

/** Largest number of winners that an agency accepts. */
export const WINNERS_MAX = 4_194_304;

/** Bets as the central gets them: a single one in ej5, otherwise a batch. */
export interface Batch {
  readonly kind: "batch";
  readonly version: Version;
  /** The agency of the hello; in versions without a hello, the agency of the first record. */
  readonly agency: number;
  /** At least 1. */
  readonly count: number;
  /** Canonical lines: a view. */
  readonly lines: Uint8Array;
}

/** A count of zero: the end of bets and the question for winners, or a batch without bets. */
export interface Zero {
  readonly kind: "zero";
  readonly version: Exclude<Version, "ej5">;
  /** The agency of the hello; 0 in ej6, which has no hello. */
  readonly agency: number;
}

/** What a client says, decoded. The hello is decoded with the first message, because it is not answered. */
export type ClientMessage = Batch | Zero;

/** What an agency says. */
export type AgencyMessage =
  | { readonly kind: "hello"; readonly agency: number }
  /** A single bet, in ej5. */
  | { readonly kind: "bet"; readonly bet: Bet }
  | { readonly kind: "batch"; readonly bets: readonly Bet[] }
  | { readonly kind: "zero" };

/** What a central says. */
export type CentralMessage =
  | { readonly kind: "confirmation"; readonly version: Version }
  /** Documents, without leading zeros. */
  | { readonly kind: "winners"; readonly documents: readonly string[] };

const BLANK = 0x20;
const DELETE = 0x7f;

/** `more`: the bytes so far begin several versions; `none`: no version begins like this. */
export type VersionSeen = Version | "more" | "none";

/**
 * Finds the version of a connection from its first bytes, 12 at most:
 *
 *     ej5    agency u32, then a letter
 *     ej6    count u32, agency u32, then a letter
 *     final  agency u32, count u32, agency u32
 *            agency u32, 0 u32: no bets
 *
 * Agencies and counts are below 65,536 here, so the first two bytes of each are zeros.
 *
 * @param at where the connection's bytes begin
 * @param available number of bytes that have arrived
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
  // No agency has the number 0: these zeros are the beginning of an empty first name.
  return isZero(bytes, at + 10, 2, 2) ? "ej6" : "final";
}

/** Whether those of the first `count` bytes that have arrived are zeros. */
function isZero(bytes: Uint8Array, at: number, available: number, count: number): boolean {
  for (let index = 0; index < Math.min(available, count); index++) {
    if (bytes[at + index] !== 0) return false;
  }
  return true;
}

/** Whether a name can begin with this byte, in ASCII or in UTF-8. */
function isPrintable(byte: number): boolean {
  return byte >= BLANK && byte !== DELETE;
}
