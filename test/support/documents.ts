import type { Bet } from "../../src/lottery/bet.ts";

/** The documents of bets: what most agencies hear of their winners. */
export function documentsOf(bets: readonly Bet[] | undefined): string[] | undefined {
  return bets?.map(({ document }) => document);
}
