/** A day as the integer `year * 10000 + month * 100 + day`: cheap to make from digits and to compare. */
export type CalendarDay = number;

/**
 * The last day that can be written. Readers of stored bets check birthdates against it: whether one was in
 * the future was checked when the bet was accepted.
 */
export const LAST_DAY: CalendarDay = 9999_12_31;

const DAYS_IN_MONTH = [0, 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];

/** Whether the day exists: year 1 to 9999 (as Python's `date`), leap years counted. */
export function isRealDay(year: number, month: number, day: number): boolean {
  if (year < 1 || month < 1 || month > 12 || day < 1) return false;
  if (day <= 28) return true;
  if (month === 2 && day === 29) return year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0);
  return day <= (DAYS_IN_MONTH[month] ?? 0);
}

/** The day of `date` in universal time. */
export function calendarDay(date: Date): CalendarDay {
  return date.getUTCFullYear() * 10000 + (date.getUTCMonth() + 1) * 100 + date.getUTCDate();
}
