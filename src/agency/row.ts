import type { AgencyId, Bet } from "../lottery/bet.ts";
import type { CalendarDay } from "../lottery/calendar-day.ts";
import { checkBet } from "../lottery/check-bet.ts";
import type { Flaw } from "../lottery/flaw.ts";
import { AgencyError } from "./agency-error.ts";
import { invisibleEdge } from "./invisible-edge.ts";

/** What a row is held against. */
export interface RowRules {
  readonly agency: AgencyId;
  /** No birthdate may be later. */
  readonly today: CalendarDay;
  /** What the dialect cannot carry; undefined when it carries every good bet. */
  readonly unfit: ((bet: Bet) => Flaw | undefined) | undefined;
}

/** What is wrong with a row, and what to do about it. */
export interface Complaint {
  readonly flaw: Flaw;
  readonly advice: string;
}

const COLUMNS = "first,last,document,birthdate,number";
const COLUMN_NAMES = ["firstName", "lastName", "document", "birthdate", "number"] as const;

/** An empty line, which is no row. */
export function isEmptyLine(fields: readonly string[]): boolean {
  return fields.length === 1 && fields[0] === "";
}

/** Why the fields cannot be those of a row, whatever they hold. */
export function columnsComplaint({ length }: readonly string[]): Complaint | undefined {
  if (length === COLUMN_NAMES.length) return undefined;
  const reason = `has ${length} field${length === 1 ? "" : "s"}`;
  return { flaw: { field: "line", reason }, advice: `a row is ${COLUMNS}` };
}

/** The bet that a row stands for, good or not. */
export function betOfRow(fields: readonly string[], agency: AgencyId): Bet {
  const [firstName = "", lastName = "", document = "", birthdate = "", number = ""] = fields;
  return {
    agency,
    firstName,
    lastName,
    document,
    birthdate,
    // 0007 is 7; what is no number is carried as such, never as some other number.
    number: /^\d+$/.test(number) ? Number(number) : Number.NaN,
  };
}

/**
 * Why an agency does not send this row unless it is told to. Stricter than the central, which takes any
 * text for a name: a name with something invisible at its edge is a mistake of whoever wrote the file.
 */
export function betComplaint(
  fields: readonly string[],
  bet: Bet,
  today: CalendarDay,
): Complaint | undefined {
  for (const [index, field] of COLUMN_NAMES.entries()) {
    const reason = invisibleEdge(fields[index] ?? "");
    if (reason !== undefined) {
      return { flaw: { field, reason }, advice: "remove it and run again" };
    }
  }
  const flaw = checkBet(bet, today);
  return flaw && { flaw, advice: "correct the row and run again" };
}

/** Why a row cannot go out in the dialect. */
export function unfitComplaint(bet: Bet, unfit: RowRules["unfit"]): Complaint | undefined {
  const flaw = unfit?.(bet);
  return flaw && { flaw, advice: "choose a dialect that can carry it" };
}

/** The first thing that is wrong with a row, for an agency that stops at bad ones. */
export function rowComplaint(fields: readonly string[], rules: RowRules): Complaint | undefined {
  const columns = columnsComplaint(fields);
  if (columns !== undefined) return columns;
  const bet = betOfRow(fields, rules.agency);
  return betComplaint(fields, bet, rules.today) ?? unfitComplaint(bet, rules.unfit);
}

/** The one line that tells what is wrong with a row. */
export function rowError(
  path: string,
  fileLine: number,
  { flaw: { field, reason }, advice }: Complaint,
): AgencyError {
  return new AgencyError("ROW_INVALID", `${path}:${fileLine}: ${field} ${reason}; ${advice}`);
}

/** A line's bytes are none of UTF-8. */
export const NOT_UTF8: Complaint = {
  flaw: { field: "line", reason: "is not valid UTF-8" },
  advice: "save the file as UTF-8 and run again",
};

export function notUtf8But(encoding: string): Complaint {
  const { field } = NOT_UTF8.flaw;
  return { flaw: { field, reason: `is ${encoding}, not UTF-8` }, advice: NOT_UTF8.advice };
}

/** All lines of old Macintosh files end so. */
export const LONE_CR: Complaint = {
  flaw: { field: "line", reason: "has a CR with no LF behind it" },
  advice: "convert the file's line ends to LF or CR LF",
};
