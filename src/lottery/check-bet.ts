import { type Bet, agencyId, DOCUMENT_MAX, NAME_BYTES_MAX, NUMBER_MAX } from "./bet.ts";
import { type CalendarDay, isRealDay } from "./calendar-day.ts";
import { type Flaw, FLAWS } from "./flaw.ts";

/**
 * Checks a bet that is an object, field by field in the order of the canonical line.
 *
 * The rules are those of the scanner over bytes (scan-lines.ts): a property test compares the two.
 *
 * @param today no birthdate may be later
 * @returns the first flaw, or undefined for a good bet
 */
export function checkBet(bet: Bet, today: CalendarDay): Flaw | undefined {
  if (agencyId(bet.agency) === undefined) return FLAWS.agencyForm;

  if (bet.firstName.length === 0) return FLAWS.firstNameEmpty;
  if (!bet.firstName.isWellFormed()) return FLAWS.firstNameEncoding;
  if (CONTROL.test(bet.firstName)) return FLAWS.firstNameControl;
  if (Buffer.byteLength(bet.firstName) > NAME_BYTES_MAX) return FLAWS.firstNameLong;

  if (!bet.lastName.isWellFormed()) return FLAWS.lastNameEncoding;
  if (CONTROL.test(bet.lastName)) return FLAWS.lastNameControl;
  if (Buffer.byteLength(bet.lastName) > NAME_BYTES_MAX) return FLAWS.lastNameLong;

  if (!/^\d{1,10}$/.test(bet.document)) return FLAWS.documentForm;
  if (Number(bet.document) > DOCUMENT_MAX) return FLAWS.documentLarge;

  return (
    checkBirthdate(bet.birthdate, today) ??
    (Number.isInteger(bet.number) && bet.number >= 0 && bet.number <= NUMBER_MAX
      ? undefined
      : FLAWS.numberForm)
  );
}

function checkBirthdate(birthdate: string, today: CalendarDay): Flaw | undefined {
  if (!/^\d{4}-\d{2}-\d{2}$/.test(birthdate)) return FLAWS.birthdateForm;
  const year = Number(birthdate.slice(0, 4));
  const month = Number(birthdate.slice(5, 7));
  const day = Number(birthdate.slice(8, 10));
  if (!isRealDay(year, month, day)) return FLAWS.birthdateUnreal;
  return year * 10000 + month * 100 + day > today ? FLAWS.birthdateFuture : undefined;
}

/** Unicode's control characters (category Cc): C0, DEL and C1. */
const CONTROL = /\p{Cc}/u;
