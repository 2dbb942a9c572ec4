import { documentOf, numberOf } from "./canonical-lines.ts";
import type { ClientEvidence, Evidence } from "./evidence.ts";
import type { Account, Recount } from "./recount.ts";
import type { Report } from "./violation.ts";

/** Compares the winners that an agency was told with those among its stored bets. */
export function checkWinners(
  { agency, winners, winnersCount }: ClientEvidence,
  { batches }: Account,
  { winningNumber }: Evidence,
  { draws }: Recount,
  report: Report,
): void {
  if (winners === undefined && winnersCount === undefined) return;
  if (draws === 0) {
    report("early", "it was told winners, and no draw is stored", agency);
    return;
  }
  const expected = batches
    .flatMap(({ lines }) => lines)
    .filter((line) => numberOf(line) === String(winningNumber));
  if (winnersCount !== undefined && winnersCount !== expected.length) {
    report("winners", `it was told ${winnersCount} winners, and has ${expected.length}`, agency);
  }
  if (winners === undefined) return;
  for (let index = 0; index < Math.max(winners.length, expected.length); index++) {
    const told = winners[index];
    const line = expected[index];
    // A document has no comma, but a whole bet has.
    const must =
      line === undefined ? undefined : told?.includes(",") ? utf8(line) : documentOf(line);
    if (told === must) continue;
    report(
      "winners",
      `winner ${index + 1} of ${expected.length} is ${must}; it was told ${told}`,
      agency,
    );
    return;
  }
}

function utf8(line: string): string {
  return Buffer.from(line, "latin1").toString("utf8");
}
