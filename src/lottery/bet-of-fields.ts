import { isUtf8 } from "node:buffer";
import type { AgencyId, Bet } from "./bet.ts";

/** Fields of a row: agency, first name, last name, document, birthdate, number. */
export const FIELD_COUNT = 6;

/**
 * Makes a bet of a row's fields, unchecked: give it to {@link ./check-bet.ts checkBet} next, which refuses
 * what could not be read. A number with a sign, a point or leading zeros becomes NaN, and a name that is
 * not UTF-8 becomes a lone surrogate.
 *
 * @param fields {@link FIELD_COUNT} fields, without their quotes, one character per byte
 */
export function betOfFields(fields: readonly string[]): Bet {
  const [agency = "", first = "", last = "", document = "", birthdate = "", number = ""] = fields;
  return {
    agency: decimal(agency) as AgencyId,
    firstName: utf8(first),
    lastName: utf8(last),
    document,
    birthdate,
    number: decimal(number),
  };
}

/** Reads a number without sign, point or leading zeros; NaN for any other text. */
function decimal(field: string): number {
  return /^(?:0|[1-9]\d*)$/.test(field) ? Number(field) : Number.NaN;
}

function utf8(field: string): string {
  const bytes = Buffer.from(field, "latin1");
  return isUtf8(bytes) ? bytes.toString("utf8") : "\ud800";
}
