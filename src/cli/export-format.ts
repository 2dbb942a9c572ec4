import type { Bet } from "../lottery/bet.ts";
import { encodeLines, parseLines } from "../lottery/canonical-line.ts";
import type { StoredBatch } from "../store/bet-store.ts";

export type ExportFormat = "csv" | "jsonl";

/**
 * How a batch is written.
 *
 * @param options.formulaSafe spreadsheets run a cell that begins with `=`, `+`, `-` or `@` as a formula:
 * names that do get a `'` in front, which makes them text (OWASP, CSV injection)
 */
export function exporter(
  format: ExportFormat,
  options: { readonly formulaSafe: boolean },
): (batch: StoredBatch) => string | Uint8Array {
  const safe = options.formulaSafe ? formulaSafe : (bet: Bet) => bet;
  if (format === "jsonl") {
    return ({ lines }) =>
      parseLines(lines)
        .map((bet) => `${JSON.stringify(safe(bet))}\n`)
        .join("");
  }
  // Stored lines are CSV already.
  if (!options.formulaSafe) return ({ lines }) => Buffer.from(lines);
  return ({ lines }) => encodeLines(parseLines(lines).map(safe));
}

function formulaSafe(bet: Bet): Bet {
  return { ...bet, firstName: asText(bet.firstName), lastName: asText(bet.lastName) };
}

function asText(cell: string): string {
  return /^[=+\-@]/.test(cell) ? `'${cell}` : cell;
}
