import { type AgencyId, type Bet, NUMBER_MAX } from "../lottery/bet.ts";
import { FAMILY_NAMES } from "./family-names.ts";
import { MENS_NAMES, WOMENS_NAMES } from "./given-names.ts";
import { createRandom, type Random } from "./random.ts";

export interface BetRequest {
  /** An integer from 0 to 2^53 - 1. */
  readonly seed: number;
  readonly agency: AgencyId;
  readonly count: number;
}

/**
 * Makes up bets of plausible Argentines, each when it is consumed. The same seed and agency give the same
 * bets, and a larger count begins with the same ones.
 *
 * Names have their accents, about three of four people have two given names, and people with higher documents
 * were born later, roughly. All numbers from 0 to 9999 are equally likely.
 */
export function* generateBets({ seed, agency, count }: BetRequest): Generator<Bet, void, void> {
  const random = createRandom(seed, agency);
  for (let made = 0; made < count; made++) {
    const document = makeDocument(random);
    yield {
      agency,
      firstName: makeFirstName(random),
      lastName: random.pick(FAMILY_NAMES),
      document: String(document),
      birthdate: makeBirthdate(random, document),
      number: random.below(NUMBER_MAX + 1),
    };
  }
}

function makeFirstName(random: Random): string {
  const names = random.below(2) === 0 ? WOMENS_NAMES : MENS_NAMES;
  const first = random.pick(names);
  const second = random.below(4) === 0 ? first : random.pick(names);
  return second === first ? first : `${first} ${second}`;
}

function makeDocument(random: Random): number {
  const age = random.below(100);
  if (age < 4) return 10_000_000 + random.below(10_000_000);
  if (age < 97) return 20_000_000 + random.below(20_000_000);
  return 40_000_000 + random.below(6_000_000);
}

const DAY_MS = 86_400_000;
/** Documents roughly follow age: when people with a document around 10, 15, 20 … million were born. */
const BIRTHS_MS = ["1952", "1961", "1968", "1976", "1983", "1990", "1997", "2004", "2008"].map(
  (year) => Date.parse(year),
);
const DOCUMENTS_FIRST = 10_000_000;
const DOCUMENTS_APART = 5_000_000;
/** How many days a birthdate may be before or after that. */
const SPREAD_DAYS = 500;

function makeBirthdate(random: Random, document: number): string {
  const step = Math.floor((document - DOCUMENTS_FIRST) / DOCUMENTS_APART);
  const within = ((document - DOCUMENTS_FIRST) % DOCUMENTS_APART) / DOCUMENTS_APART;
  const from = BIRTHS_MS[step] ?? 0;
  const to = BIRTHS_MS[step + 1] ?? from;
  const days = random.below(2 * SPREAD_DAYS + 1) - SPREAD_DAYS;
  return new Date(from + (to - from) * within + days * DAY_MS).toISOString().slice(0, 10);
}
