import type { AgencyId } from "./bet.ts";
import { betOfFields, FIELD_COUNT } from "./bet-of-fields.ts";
import type { CalendarDay } from "./calendar-day.ts";
import { quoteField, unquoteField } from "./canonical-line.ts";
import { checkBet } from "./check-bet.ts";
import { type Flaw, FLAWS } from "./flaw.ts";

/**
 * Finds out why the scanner (scan-lines.ts) refused the line at the beginning of `bytes`.
 *
 * Cuts the line into fields and gives them to {@link checkBet}, so that a bet is refused for the same
 * reason as bytes and as an object. Takes microseconds, once per refused batch.
 *
 * @param agency the number that the line must have
 */
export function lineFlaw(bytes: Uint8Array, agency: AgencyId, today: CalendarDay): Flaw {
  if (bytes.length === 0) return FLAWS.missing;
  const fields = cutLine(bytes);
  if (fields.length !== FIELD_COUNT) return FLAWS.columns;
  const [, first = "", last = ""] = fields;
  const bet = betOfFields(fields.with(1, unquoteField(first)).with(2, unquoteField(last)));
  const flaw = checkBet(bet, today);
  if (flaw?.field !== "agency" && bet.agency !== agency) return FLAWS.agencyOther;
  if (flaw !== undefined) return flaw;
  if (quoteField(unquoteField(first)) !== first) return FLAWS.firstNameQuotes;
  if (quoteField(unquoteField(last)) !== last) return FLAWS.lastNameQuotes;
  // All fields are good, and still the scanner refused the line: so its end is wrong.
  return FLAWS.lineEnd;
}

/**
 * The fields of the first line, as they are written, one character per byte. That is safe because all
 * separators are ASCII, and no other character of UTF-8 contains such bytes. The line ends at the first LF
 * outside of quotes; one CR before it does not belong to the last field.
 */
function cutLine(bytes: Uint8Array): string[] {
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("latin1");
  const fields: string[] = [];
  let start = 0;
  let quoted = false;
  let at = 0;
  for (; at < text.length; at++) {
    const character = text[at];
    if (character === '"' && text[start] === '"') quoted = !quoted;
    else if (!quoted && character === "\n") break;
    else if (!quoted && character === ",") {
      fields.push(text.slice(start, at));
      start = at + 1;
    }
  }
  fields.push(text.slice(start, at).replace(/\r$/, ""));
  return fields;
}
