import type { Bet } from "../lottery/bet.ts";
import { type BetFormat, formatBets } from "../lottery/bet-text.ts";
import { parseLines } from "../lottery/canonical-line.ts";
import type { StoredBatch } from "../store/bet-store.ts";

export interface FormatOptions {
  /**
   * Spreadsheets run a cell that begins with `=`, `+`, `-` or `@` as a formula: such names get a `'` in
   * front, which makes them text (OWASP, CSV injection).
   */
  readonly formulaSafe: boolean;
}

/** A function that writes a batch in this format. */
export function exporter(
  format: BetFormat,
  options: FormatOptions,
): (batch: Pick<StoredBatch, "lines">) => string | Uint8Array {
  // Stored lines are CSV already.
  if (format === "csv" && !options.formulaSafe) return ({ lines }) => Buffer.from(lines);
  const write = betWriter(format, options);
  return ({ lines }) => write(parseLines(lines));
}

/** A function that writes bets in this format. */
function betWriter(
  format: BetFormat,
  { formulaSafe }: FormatOptions,
): (bets: readonly Bet[]) => string {
  return (bets) => formatBets(formulaSafe ? bets.map(safeBet) : bets, format);
}

function safeBet(bet: Bet): Bet {
  return { ...bet, firstName: asText(bet.firstName), lastName: asText(bet.lastName) };
}

function asText(cell: string): string {
  return /^[=+\-@]/.test(cell) ? `'${cell}` : cell;
}
