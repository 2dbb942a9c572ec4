import { encodeLines } from "../../src/lottery/canonical-line.ts";
import { agencyId, type Bet } from "../../src/lottery/bet.ts";
import { generateBets } from "../../src/generate/generate-bets.ts";

/** Makes up batches of the same kind of bets for systems that `quiniela bench` cannot load. */
export function makeBatches(agency: number, batches: number, size: number): Bet[][] {
  const id = agencyId(agency);
  if (id === undefined) throw new RangeError(`${agency} is no agency`);
  const bets = Array.from(generateBets({ seed: 2, agency: id, count: batches * size }));
  return Array.from({ length: batches }, (_, index) =>
    bets.slice(index * size, (index + 1) * size),
  );
}

/** A batch as canonical lines. */
export function batchLines(batch: readonly Bet[]): Buffer {
  return encodeLines(batch);
}
