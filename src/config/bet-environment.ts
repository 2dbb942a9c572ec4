import { AGENCY_MAX, type AgencyId, agencyId, type Bet } from "../lottery/bet.ts";
import type { CalendarDay } from "../lottery/calendar-day.ts";
import { checkBet } from "../lottery/check-bet.ts";
import { quoted } from "./value.ts";

type Environment = Readonly<Record<string, string | undefined>>;

/** The course's variables for a single bet. */
export const BET_ENVIRONMENT = [
  { name: "NOMBRE", field: "firstName", allowed: "1 to 255 bytes of text" },
  { name: "APELLIDO", field: "lastName", allowed: "up to 255 bytes of text" },
  { name: "DOCUMENTO", field: "document", allowed: "1 to 10 digits, at most 4294967295" },
  { name: "NACIMIENTO", field: "birthdate", allowed: "a date YYYY-MM-DD, not in the future" },
  { name: "NUMERO", field: "number", allowed: "a whole number from 0 to 9999" },
] as const satisfies readonly {
  readonly name: string;
  readonly field: keyof Bet;
  readonly allowed: string;
}[];

/** Whether the environment has a whole bet. Only the last name may be empty. */
export function hasBet(env: Environment): boolean {
  return BET_ENVIRONMENT.every(({ name }) => isSet(env, name));
}

/**
 * Reads the bet of the environment.
 *
 * @param check false for bets that are sent although they are bad, so that the central refuses them
 * @returns the bet and its problems: with problems the bet must not be used
 */
export function readBet(
  env: Environment,
  options: { readonly today: CalendarDay; readonly check: boolean },
): { readonly bet: Omit<Bet, "agency">; readonly problems: readonly string[] } {
  const problems: string[] = [];
  for (const { name, field, allowed } of BET_ENVIRONMENT) {
    const text = env[name] ?? "";
    const value = field === "number" ? parseNumber(text) : text;
    // Check each field in an otherwise good bet, so that every field gets its own verdict.
    const flaw = checkBet({ ...SOUND_BET, [field]: value }, options.today);
    const unsendable = Number.isNaN(value);
    if (!isSet(env, name)) problems.push(`environment ${name}: is not set; allowed: ${allowed}`);
    else if (flaw !== undefined && (options.check || unsendable)) {
      problems.push(`environment ${name}: ${quoted(text)} ${flaw.reason}; allowed: ${allowed}`);
    }
  }
  return {
    bet: {
      firstName: env["NOMBRE"] ?? "",
      lastName: env["APELLIDO"] ?? "",
      document: env["DOCUMENTO"] ?? "",
      birthdate: env["NACIMIENTO"] ?? "",
      number: parseNumber(env["NUMERO"] ?? ""),
    },
    problems,
  };
}

function isSet(env: Environment, name: string): boolean {
  return env[name] !== undefined && (env[name] !== "" || name === "APELLIDO");
}

function parseNumber(text: string): number {
  return /^\d{1,9}$/.test(text) ? Number(text) : Number.NaN;
}

const SOUND_BET: Bet = {
  agency: agencyId(AGENCY_MAX) as AgencyId,
  firstName: "A",
  lastName: "",
  document: "1",
  birthdate: "0001-01-01",
  number: 0,
};
