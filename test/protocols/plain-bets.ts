import type { AgencyId, Bet } from "../../src/lottery/bet.ts";
import { encodeLines } from "../../src/lottery/canonical-line.ts";
import type { OutgoingBatch } from "../../src/protocols/agency-link.ts";

export const AGENCY = 1 as AgencyId;

/** A bet that every dialect can carry; it wins. */
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

/** Bets with different documents, none of which wins. */
export function bets(count: number, overrides: Partial<Bet> = {}): Bet[] {
  return Array.from({ length: count }, (_, index) =>
    bet({ document: String(30_000_000 + index), number: index % 7574, ...overrides }),
  );
}

export function outgoing(bets: readonly Bet[], sequence = 1): OutgoingBatch {
  return { sequence, bets, lines: encodeLines(bets) };
}

/** @param first the number of the first batch */
export function inBatches(bets: readonly Bet[], size: number, first = 1): OutgoingBatch[] {
  return Array.from({ length: Math.ceil(bets.length / size) }, (_, index) =>
    outgoing(bets.slice(index * size, (index + 1) * size), first + index),
  );
}
