import { isRealDay } from "../lottery/calendar-day.ts";
import { AGENCIES_ALLOWED, readTerms, TERM_KEYS, type Terms, TOLD } from "./terms.ts";
import { type TimetableEntry, type Weekday, WEEKDAYS } from "./timetable.ts";
import type { Field, YamlFields } from "./yaml-fields.ts";

const KEYS = ["name", "days", "opens", "closes", "except", ...TERM_KEYS] as const;

/** The name of a draw has at most 64 characters: the day, a hyphen, and this name. */
const NAME = /^[A-Za-z0-9][A-Za-z0-9._-]{0,52}$/;
const NAME_ALLOWED =
  "1 to 53 letters, digits, `.`, `_` and `-`, beginning with a letter or a digit";
const WEEKDAY_ALLOWED = "mon, tue, wed, thu, fri, sat or sun";
const DAYS_ALLOWED = "a list such as [mon, tue, wed, thu, fri, sat]; without the key, every day";
const TIME_ALLOWED = 'a time from "00:00" to "23:59"';
const DATE_ALLOWED = "a day of the calendar, such as 2026-12-25";
const EXCEPT_ALLOWED = "a list such as [2026-12-25]; without the key, no such day";

/**
 * Reads one of the draws.
 *
 * @param defaults the terms that hold where the entry says nothing
 * @returns undefined only when there is a problem; there may be problems in any case
 */
export function readEntry(
  yaml: YamlFields,
  item: Field,
  defaults: Terms,
): TimetableEntry | undefined {
  const fields = yaml.map(item, KEYS, "name, opens, closes, and what else belongs to a draw");
  if (fields === undefined) return undefined;
  const name = yaml.required(item, fields, "name", asName, NAME_ALLOWED);
  const opensMinute = yaml.required(item, fields, "opens", asMinute, TIME_ALLOWED);
  const closesMinute = yaml.required(item, fields, "closes", asMinute, TIME_ALLOWED);
  const closes = fields.get("closes");
  if (closes && closesMinute !== undefined && closesMinute === opensMinute) {
    const allowed = "another time; one that is before opens is on the next day";
    yaml.refuse(closes, allowed, "is the same time as opens");
  }
  const days = fields.get("days");
  const except = fields.get("except");
  const weekdays = days && yaml.set(days, asWeekday, WEEKDAY_ALLOWED, DAYS_ALLOWED);
  const exceptions = except && yaml.set(except, asDate, DATE_ALLOWED, EXCEPT_ALLOWED);

  const { agencies, number, secondOperator, byOperator } = readTerms(yaml, fields, defaults);
  const second = fields.get("second_operator");
  const told = number === TOLD;
  if (second && secondOperator && !told) {
    yaml.refuse(second, "false, or number: told", `is true, and number is ${number}`);
  }
  if (agencies === undefined) return yaml.missing(item, "agencies", AGENCIES_ALLOWED);
  if (name === undefined || opensMinute === undefined || closesMinute === undefined)
    return undefined;
  return {
    name,
    weekdays: weekdays ?? new Set(WEEKDAYS),
    opensMinute,
    closesMinute,
    except: exceptions ?? new Set(),
    agencies,
    number: told ? undefined : number,
    secondOperator: told && secondOperator,
    byOperator,
  };
}

function asName(text: string): string | undefined {
  return NAME.test(text) ? text : undefined;
}

function asWeekday(text: string): Weekday | undefined {
  return WEEKDAYS.find((day) => day === text);
}

function asMinute(text: string): number | undefined {
  const [, hours, minutes] = /^([01]\d|2[0-3]):([0-5]\d)$/.exec(text) ?? [];
  return hours === undefined ? undefined : Number(hours) * 60 + Number(minutes);
}

function asDate(text: string): string | undefined {
  const [, year, month, day] = /^(\d{4})-(\d{2})-(\d{2})$/.exec(text) ?? [];
  return isRealDay(Number(year), Number(month), Number(day)) ? text : undefined;
}
