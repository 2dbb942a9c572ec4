import { isUtf8 } from "node:buffer";
import { type AgencyId, DOCUMENT_DIGITS_MAX, DOCUMENT_MAX, NAME_BYTES_MAX } from "./bet.ts";
import { type CalendarDay, isRealDay } from "./calendar-day.ts";
import { type BatchFlaw, FLAWS } from "./flaw.ts";
import { lineFlaw } from "./line-flaw.ts";

/**
 * Checks a batch of canonical lines in place, byte by byte.
 *
 * This is the hot path of the intake. A good batch makes no strings and no objects: 50 to 60 ns per bet,
 * where splitting with regular expressions takes ten times that and a schema library twenty times.
 * A scanner returns where the next field begins, or {@link NO}. What is wrong with a line is found out
 * afterwards, in a slower way (line-flaw.ts).
 *
 * @param agency every line must have this number
 * @param count how many lines there must be, at least 1
 * @param today no birthdate may be later
 * @returns the first flaw, or undefined for a good batch
 */
export function scanLines(
  lines: Uint8Array,
  agency: AgencyId,
  count: number,
  today: CalendarDay,
): BatchFlaw | undefined {
  const end = isUtf8(lines) && lines[lines.length - 1] === LF ? lines.length : soundEnd(lines);
  const agencyField = `${agency},`;
  let at = 0;
  for (let index = 0; index < count; index++) {
    const next = at < end ? scanLine(lines, at, agencyField, today) : NO;
    if (next === NO) return { ...lineFlaw(lines.subarray(at), agency, today), index };
    at = next;
  }
  return at < lines.length ? { ...FLAWS.surplus, index: count } : undefined;
}

/** What a scanner returns instead of a position when the bytes are not good. */
export const NO = -1;

const LF = 0x0a;
const CR = 0x0d;
const QUOTE = 0x22;
const COMMA = 0x2c;
const DASH = 0x2d;
const ZERO = 0x30;
const NINE = 0x39;
/** First byte of U+0080 to U+00BF; the first half of these are the C1 control characters. */
const C1_LEAD = 0xc2;
const C1_LAST = 0x9f;

/** 1 for each byte that ends a run of plain name bytes: controls, quote, comma, DEL, the lead of C1. */
const STOPS = Uint8Array.from({ length: 256 }, (_, byte) =>
  byte < 0x20 || byte === QUOTE || byte === COMMA || byte === 0x7f || byte === C1_LEAD ? 1 : 0,
);

/** The end of the leading lines that are UTF-8 and end in LF. Scanners stop at an LF, so also at this end. */
function soundEnd(lines: Uint8Array): number {
  let start = 0;
  for (;;) {
    const end = lines.indexOf(LF, start) + 1;
    if (end === 0 || !isUtf8(lines.subarray(start, end))) return start;
    start = end;
  }
}

function scanLine(lines: Uint8Array, start: number, agency: string, today: CalendarDay): number {
  let at = scanText(lines, start, agency);
  // Only a last name may be empty.
  if (at === NO || lines[at] === COMMA) return NO;
  if ((at = scanName(lines, at)) === NO) return NO;
  if ((at = scanName(lines, at)) === NO) return NO;
  if ((at = scanDocument(lines, at)) === NO) return NO;
  if ((at = scanBirthdate(lines, at, today)) === NO) return NO;
  return scanNumber(lines, at);
}

function scanText(lines: Uint8Array, start: number, text: string): number {
  for (let i = 0; i < text.length; i++) if (lines[start + i] !== text.charCodeAt(i)) return NO;
  return start + text.length;
}

/** @returns where the field after the name and its comma begins, or {@link NO} */
export function scanName(lines: Uint8Array, start: number): number {
  let at = start;
  while (STOPS[lines[at] as number] === 0) at++;
  if (lines[at] !== COMMA) return scanUncommonName(lines, start);
  return at - start > NAME_BYTES_MAX ? NO : at + 1;
}

/** A name that is quoted, or has a character of U+0080 to U+00BF: rare, so not in the fast function. */
function scanUncommonName(lines: Uint8Array, start: number): number {
  const quoted = lines[start] === QUOTE;
  let at = quoted ? start + 1 : start;
  let escapes = 0;
  let commas = 0;
  for (;;) {
    const byte = lines[at];
    if (byte === COMMA && !quoted) break;
    if (byte === QUOTE) {
      if (!quoted || lines[at + 1] !== QUOTE) break;
      escapes++;
      at++;
    } else if (byte === COMMA) {
      commas++;
    } else if (byte === C1_LEAD) {
      if ((lines[at + 1] as number) <= C1_LAST) return NO;
    } else if (STOPS[byte as number] !== 0) {
      return NO;
    }
    at++;
  }
  if (!quoted) return lines[at] === COMMA && at - start <= NAME_BYTES_MAX ? at + 1 : NO;
  const needed = commas + escapes > 0;
  const bytes = at - start - 1 - escapes;
  return needed && lines[at + 1] === COMMA && bytes <= NAME_BYTES_MAX ? at + 2 : NO;
}

/** As {@link scanName}. */
export function scanDocument(lines: Uint8Array, start: number): number {
  let at = start;
  let byte = lines[at] as number;
  while (byte >= ZERO && byte <= NINE) byte = lines[++at] as number;
  const digits = at - start;
  if (byte !== COMMA || digits === 0 || digits > DOCUMENT_DIGITS_MAX) return NO;
  return digits === DOCUMENT_DIGITS_MAX && isLargeDocument(lines, start) ? NO : at + 1;
}

function isLargeDocument(lines: Uint8Array, start: number): boolean {
  let value = 0;
  for (let at = start; at < start + DOCUMENT_DIGITS_MAX; at++) {
    value = value * 10 + (lines[at] as number) - ZERO;
  }
  return value > DOCUMENT_MAX;
}

/** As {@link scanName}. */
export function scanBirthdate(lines: Uint8Array, at: number, today: CalendarDay): number {
  if (lines[at + 4] !== DASH || lines[at + 7] !== DASH || lines[at + 10] !== COMMA) return NO;
  const y1 = (lines[at] as number) - ZERO;
  const y2 = (lines[at + 1] as number) - ZERO;
  const y3 = (lines[at + 2] as number) - ZERO;
  const y4 = (lines[at + 3] as number) - ZERO;
  const m1 = (lines[at + 5] as number) - ZERO;
  const m2 = (lines[at + 6] as number) - ZERO;
  const d1 = (lines[at + 8] as number) - ZERO;
  const d2 = (lines[at + 9] as number) - ZERO;
  // Only 0 to 9 fit in four bits both as they are and with 6 added. So one branch checks eight digits;
  // sixteen branches would cost a tenth of the whole scan.
  const plain = y1 | y2 | y3 | y4 | m1 | m2 | d1 | d2;
  const raised =
    (y1 + 6) | (y2 + 6) | (y3 + 6) | (y4 + 6) | (m1 + 6) | (m2 + 6) | (d1 + 6) | (d2 + 6);
  if (((plain | raised) & ~15) !== 0) return NO;
  const year = y1 * 1000 + y2 * 100 + y3 * 10 + y4;
  const month = m1 * 10 + m2;
  const day = d1 * 10 + d2;
  if (!isRealDay(year, month, day)) return NO;
  return year * 10000 + month * 100 + day > today ? NO : at + 11;
}

function scanNumber(lines: Uint8Array, start: number): number {
  let at = start;
  let byte = lines[at] as number;
  while (byte >= ZERO && byte <= NINE) byte = lines[++at] as number;
  const digits = at - start;
  if (digits === 0 || digits > 4 || (lines[start] === ZERO && digits > 1)) return NO;
  return byte === CR && lines[at + 1] === LF ? at + 2 : NO;
}
