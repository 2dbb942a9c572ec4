import * as fc from "fast-check";
import type { AgencyId, Bet } from "../../../src/lottery/bet.ts";

export const AGENCY = 1 as AgencyId;

export function bet(overrides: Partial<Bet> = {}): Bet {
  return {
    agency: AGENCY,
    firstName: "Ana",
    lastName: "Paz",
    document: "30000001",
    birthdate: "1990-01-31",
    number: 7574,
    ...overrides,
  };
}

/** Bets of agency 1 with different documents. */
export function bets(count: number, overrides: Partial<Bet> = {}): Bet[] {
  return Array.from({ length: count }, (_, index) =>
    bet({ document: String(30_000_000 + index), number: index % 7574, ...overrides }),
  );
}

/** A name that is valid and that tlv can carry: commas and quotes among the rest. */
const name = fc
  .string({
    unit: fc.oneof(
      fc.constantFrom(",", '"', "'", "@", "ñ"),
      fc.string({ unit: "grapheme", minLength: 1, maxLength: 1 }),
    ),
    maxLength: 20,
  })
  .map((text) => text.replaceAll(/[\p{Cc}#]/gu, ""));

/** Any valid bet of agency 1 that tlv can carry. */
export const anyBet: fc.Arbitrary<Bet> = fc.record({
  agency: fc.constant(AGENCY),
  firstName: name.map((text) => `A${text}`),
  lastName: name,
  document: fc.stringMatching(/^[0-3]\d{0,9}$/),
  birthdate: fc
    .date({ min: new Date("1900-01-01"), max: new Date("2025-12-31"), noInvalidDate: true })
    .map((date) => date.toISOString().slice(0, 10)),
  number: fc.integer({ min: 0, max: 9999 }),
});
