import { type BetFormat, formatBets } from "../lottery/bet-text.ts";
import { quoteField } from "../lottery/canonical-line.ts";
import type { LinkResults } from "../protocols/agency-link.ts";

/** Winners in one piece of text: the list of a nation is not made at once. */
const PIECE_WINNERS = 1000;

/**
 * An agency's winners as text: whole bets where the dialect tells them, else their documents alone.
 * Nothing is added to what the central said.
 */
export function* winnersText(
  { winners, winningBets }: LinkResults,
  format: BetFormat,
): Generator<string> {
  for (let at = 0; at < winners.length; at += PIECE_WINNERS) {
    const end = at + PIECE_WINNERS;
    yield winningBets === undefined
      ? formatDocuments(winners.slice(at, end), format)
      : formatBets(winningBets.slice(at, end), format);
  }
}

function formatDocuments(documents: readonly string[], format: BetFormat): string {
  const line =
    format === "csv"
      ? (document: string) => `${quoteField(document)}\r\n`
      : (document: string) => `${JSON.stringify({ document })}\n`;
  return documents.map(line).join("");
}
