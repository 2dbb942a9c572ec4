import { readFileSync } from "node:fs";
import { join } from "node:path";
import type * as fc from "fast-check";
import type { AgencyId, Bet } from "../../../src/lottery/bet.ts";
import { encodeLines } from "../../../src/lottery/canonical-line.ts";
import type { OutgoingBatch } from "../../../src/protocols/agency-link.ts";
import { goodBet } from "../../lottery/arbitrary-bets.ts";
import { root } from "../../support/paths.ts";

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

/** Bets with different documents, none of which wins. */
export function bets(count: number, overrides: Partial<Bet> = {}): Bet[] {
  return Array.from({ length: count }, (_, index) =>
    bet({ document: String(30_000_000 + index), number: index % 7574, ...overrides }),
  );
}

export function outgoing(bets: readonly Bet[], sequence = 1): OutgoingBatch {
  return { sequence, bets, lines: encodeLines(bets) };
}

export function inBatches(bets: readonly Bet[], size: number): OutgoingBatch[] {
  return Array.from({ length: Math.ceil(bets.length / size) }, (_, index) =>
    outgoing(bets.slice(index * size, (index + 1) * size), index + 1),
  );
}

/** Any valid bet that the dialect can carry. */
export function carriedBet(agency: AgencyId): fc.Arbitrary<Bet> {
  return goodBet(agency).map((good) => ({
    ...good,
    firstName: good.firstName.replaceAll(/[,:]/g, "."),
    lastName: good.lastName.replaceAll(/[,:]/g, "."),
  }));
}

/** The bets of an input of the recordings. @param folder as `edge-empty-field`, or "" */
export function recordedBets(folder: string, agency: number): Bet[] {
  const path = join(root, "test/golden/inputs", folder, `agency-${agency}.csv`);
  const rows = readFileSync(path, "utf8").split("\r\n").filter(Boolean);
  return rows.map((row) => {
    const [firstName = "", lastName = "", document = "", birthdate = "", number = ""] =
      row.split(",");
    return {
      agency: agency as AgencyId,
      firstName,
      lastName,
      document,
      birthdate,
      number: Number(number),
    };
  });
}
