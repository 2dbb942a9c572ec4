/** An agency's number: an integer from 1 to 4,294,967,295. */
export type AgencyId = number & { readonly __brand: "AgencyId" };

export const AGENCY_MAX = 0xffff_ffff;

/** @returns the branded number, or undefined when `value` is not an agency's number. */
export function agencyId(value: number): AgencyId | undefined {
  return Number.isInteger(value) && value >= 1 && value <= AGENCY_MAX
    ? (value as AgencyId)
    : undefined;
}

/** The winning number unless the central is configured otherwise (the course's constant). */
export const WINNING_NUMBER_DEFAULT = 7574;

/** One bet, as text. What each field may hold: {@link ./check-bet.ts}. */
export interface Bet {
  readonly agency: AgencyId;
  readonly firstName: string;
  readonly lastName: string;
  /** National identity number (DNI): 1 to 10 digits, leading zeros kept, at most 4,294,967,295. */
  readonly document: string;
  /** ISO date, `YYYY-MM-DD`. */
  readonly birthdate: string;
  /** 0 to 9999. */
  readonly number: number;
}

/** The most bytes of UTF-8 in a first or last name; a last name may be empty. */
export const NAME_BYTES_MAX = 255;
export const DOCUMENT_DIGITS_MAX = 10;
export const DOCUMENT_MAX = 0xffff_ffff;
export const NUMBER_MAX = 9999;

/** Whether the bet has the winning number (the course's `has_won`). */
export function hasWon(bet: Bet, winningNumber: number = WINNING_NUMBER_DEFAULT): boolean {
  return bet.number === winningNumber;
}
