import type { AgencyId, Bet } from "../lottery/bet.ts";
import type { CalendarDay } from "../lottery/calendar-day.ts";
import { checkBet } from "../lottery/check-bet.ts";
import type { Flaw } from "../lottery/flaw.ts";
import { AgencyError } from "./agency-error.ts";
import { invisibleEdge } from "./invisible-edge.ts";

/** What a row is checked with. */
export interface RowRules {
  readonly agency: AgencyId;
  /** No birthdate may be later. */
  readonly today: CalendarDay;
  /** Says why the dialect cannot carry a bet; undefined when it can carry every good bet. */
  readonly unfit: ((bet: Bet) => Flaw | undefined) | undefined;
}

/** What is wrong with a row, and what to do about it. */
export interface Complaint {
  readonly flaw: Flaw;
  readonly advice: string;
}

const COLUMNS = "first,last,document,birthdate,number";
const COLUMN_NAMES = ["firstName", "lastName", "document", "birthdate", "number"] as const;

/** Whether the fields are those of an empty line, which is not a row. */
export function isEmptyLine(fields: readonly string[]): boolean {
  return fields.length === 1 && fields[0] === "";
}

/** Why the number of fields is wrong. */
export function columnsComplaint({ length }: readonly string[]): Complaint | undefined {
  if (length === COLUMN_NAMES.length) return undefined;
  const reason = `has ${length} field${length === 1 ? "" : "s"}`;
  return { flaw: { field: "line", reason }, advice: `a row is ${COLUMNS}` };
}

/** The bet in a row, good or bad. */
export function betOfRow(fields: readonly string[], agency: AgencyId): Bet {
  const [firstName = "", lastName = "", document = "", birthdate = "", number = ""] = fields;
  return {
    agency,
    firstName,
    lastName,
    document,
    birthdate,
    // 0007 is 7. A text that is not a number must not become some number.
    number: /^\d+$/.test(number) ? Number(number) : Number.NaN,
  };
}

/**
 * Why an agency does not send this row unless configured to. It is stricter than the central, which accepts
 * any text as a name: an invisible character at the edge of a field is a mistake in the file.
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

/** Why a row cannot be sent in the dialect. */
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

/** The error for a bad row: one line with file, line, reason and advice. */
export function rowError(
  path: string,
  fileLine: number,
  { flaw: { field, reason }, advice }: Complaint,
): AgencyError {
  return new AgencyError("ROW_INVALID", `${path}:${fileLine}: ${field} ${reason}; ${advice}`);
}

/** The line has bytes that are not UTF-8. */
export const NOT_UTF8: Complaint = {
  flaw: { field: "line", reason: "is not valid UTF-8" },
  advice: "save the file as UTF-8 and run again",
};

export function notUtf8But(encoding: string): Complaint {
  const { field } = NOT_UTF8.flaw;
  return { flaw: { field, reason: `is ${encoding}, not UTF-8` }, advice: NOT_UTF8.advice };
}

/** In files of old Macs all lines end in CR alone. */
export const LONE_CR: Complaint = {
  flaw: { field: "line", reason: "has a CR without an LF after it" },
  advice: "convert the file's line ends to LF or CR LF",
};
