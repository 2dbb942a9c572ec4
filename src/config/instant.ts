import { isRealDay } from "../lottery/calendar-day.ts";

const FORM =
  /^(\d{4})-(\d\d)-(\d\d)T([01]\d|2[0-3]):[0-5]\d(:[0-5]\d)?(Z|[+-]([01]\d|2[0-3]):[0-5]\d)$/;

/**
 * Reads a date and time with its zone, such as `2026-12-01T21:00:00-03:00`; the seconds may be left out.
 *
 * @returns milliseconds since 1970; undefined for any other text, and for a day that does not exist
 */
export function parseInstant(text: string): number | undefined {
  const [, year, month, day] = FORM.exec(text) ?? [];
  // Date itself takes February 30 for March 2.
  return isRealDay(Number(year), Number(month), Number(day)) ? Date.parse(text) : undefined;
}
