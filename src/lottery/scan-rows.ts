import type { CalendarDay } from "./calendar-day.ts";
import { NO, scanBirthdate, scanDocument, scanName } from "./scan-lines.ts";

const LF = 0x0a;
const CR = 0x0d;
const SPACE = 0x20;
const QUOTE = 0x22;
const COMMA = 0x2c;
const ZERO = 0x30;
const NINE = 0x39;
const DEL = 0x7f;
/** First byte of U+00C0 to U+00FF, the accented letters of most European languages. */
const LETTER_LEAD = 0xc3;

/**
 * Checks one row of an agency's own file in place: `first,last,document,birthdate,number`, LF or CR LF.
 * {@link NO} does not mean that the row is bad: this refuses rare forms (quotes, for example), and the
 * slower reader decides about them.
 *
 * @param rows valid UTF-8 that ends in LF
 * @param today no birthdate may be later
 * @returns where the next row begins, or {@link NO}
 */
export function scanRow(rows: Uint8Array, start: number, today: CalendarDay): number {
  // Only a last name may be empty.
  if (rows[start] === COMMA) return NO;
  let at = scanVisibleName(rows, start);
  if (at === NO) return NO;
  if (rows[at] === COMMA) at++;
  else if ((at = scanVisibleName(rows, at)) === NO) return NO;
  if ((at = scanDocument(rows, at)) === NO) return NO;
  if ((at = scanBirthdate(rows, at, today)) === NO) return NO;
  return scanRowNumber(rows, at);
}

/** A name without quotes whose first and last characters are surely visible. */
function scanVisibleName(rows: Uint8Array, start: number): number {
  const first = rows[start] as number;
  if (!isVisible(first, first) || first === QUOTE) return NO;
  const next = scanName(rows, start);
  if (next === NO) return NO;
  return isVisible(rows[next - 2] as number, rows[next - 3] as number) ? next : NO;
}

/** @param lead the first byte of the character, if it has two bytes */
function isVisible(byte: number, lead: number): boolean {
  return byte < DEL ? byte > SPACE : lead === LETTER_LEAD;
}

/** Leading zeros are allowed, up to four digits in all. */
function scanRowNumber(rows: Uint8Array, start: number): number {
  let at = start;
  let byte = rows[at] as number;
  while (byte >= ZERO && byte <= NINE) byte = rows[++at] as number;
  const digits = at - start;
  if (digits === 0 || digits > 4) return NO;
  if (byte === CR) byte = rows[++at] as number;
  return byte === LF ? at + 1 : NO;
}
