import { type BetFormat, formatBets } from "../lottery/bet-text.ts";
import { quoteField } from "../lottery/canonical-line.ts";
import type { LinkResults } from "../protocols/agency-link.ts";

/** Winners in one piece of text: a long list must not be one string. */
const PIECE_WINNERS = 1000;

/**
 * An agency's winners as text: whole bets if the dialect sends them, otherwise only the documents.
 * Nothing is added to what the central sent.
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
