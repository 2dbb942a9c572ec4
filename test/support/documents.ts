import type { AgencyId, Bet } from "../../src/lottery/bet.ts";
import { encodeLines } from "../../src/lottery/canonical-line.ts";
import { documentsIn, sumWinners, winningLines } from "../../src/lottery/winners.ts";
import type { StoredBatch, Winners } from "../../src/store/bet-store.ts";

/** The documents of winning bets: what most dialects send about winners. */
export async function documentsOf(winners: Winners | undefined): Promise<string[] | undefined> {
  if (winners === undefined) return undefined;
  const documents: string[] = [];
  for await (const lines of winners.blocks()) documents.push(...documentsIn(lines));
  return documents;
}

/** Bets that won, in blocks of so many. */
export function winnersOfBets(bets: readonly Bet[], blockBets = 3): Winners {
  return {
    count: bets.length,
    documentBytes: bets.reduce((sum, { document }) => sum + document.length, 0),
    async *blocks() {
      for (let at = 0; at < bets.length; at += blockBets) {
        yield encodeLines(bets.slice(at, at + blockBets));
      }
    },
  };
}

/** An agency's winners among batches that a test keeps. */
export function winnersAmong(
  batches: readonly Pick<StoredBatch, "agency" | "lines">[],
  agency: AgencyId,
  winningNumber: number,
): Winners {
  const lines = Buffer.concat(batches.filter((each) => each.agency === agency).map((b) => b.lines));
  return {
    ...sumWinners(lines, winningNumber),
    async *blocks() {
      const winning = winningLines(lines, winningNumber);
      if (winning.count > 0) yield winning.lines;
    },
  };
}
