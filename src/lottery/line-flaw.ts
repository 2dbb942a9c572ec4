import type { AgencyId } from "./bet.ts";
import { betOfFields, FIELD_COUNT } from "./bet-of-fields.ts";
import type { CalendarDay } from "./calendar-day.ts";
import { quoteField, unquoteField } from "./canonical-line.ts";
import { checkBet } from "./check-bet.ts";
import { type Flaw, FLAWS } from "./flaw.ts";

/**
 * What is wrong with the line that `bytes` begin with, which the scanner (scan-lines.ts) refused.
 *
 * Cuts the line into fields and gives them to {@link checkBet}, so that a bet is refused for the same
 * reason as bytes and as an object. Takes microseconds, once per refused batch.
 *
 * @param agency the number that the line must carry
 */
export function lineFlaw(bytes: Uint8Array, agency: AgencyId, today: CalendarDay): Flaw {
  if (bytes.length === 0) return FLAWS.missing;
  const written = cutLine(bytes);
  if (written.length !== FIELD_COUNT) return FLAWS.columns;
  const fields = written.map(unquoteField);
  const bet = betOfFields(fields);
  const flaw = checkBet(bet, today);
  if (flaw?.field !== "agency" && bet.agency !== agency) return FLAWS.agencyOther;
  if (flaw !== undefined) return flaw;
  const misquoted = fields.findIndex((field, column) => quoteField(field) !== written[column]);
  // Every field is as it must be, and still the scanner refused the line: its end is left.
  return QUOTES_FLAWS[misquoted] ?? FLAWS.lineEnd;
}
