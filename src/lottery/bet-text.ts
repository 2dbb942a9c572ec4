import type { Bet } from "./bet.ts";
import { formatLine } from "./canonical-line.ts";

/** The forms in which bets are written out: canonical lines, or one JSON object per line. */
export type BetFormat = "csv" | "jsonl";

export const BET_FORMATS: readonly BetFormat[] = ["csv", "jsonl"];

export function formatBets(bets: readonly Bet[], format: BetFormat): string {
  return bets.map(format === "csv" ? formatLine : (bet) => `${JSON.stringify(bet)}\n`).join("");
}
