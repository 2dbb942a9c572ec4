import { documentOf, splitLines } from "./canonical-lines.ts";
import type { BatchEvidence } from "./evidence.ts";

/** Shorter documents may be in other bytes by chance. */
const DIGITS_MIN = 6;

/**
 * Documents that are only in one agency's bets, and not inside a longer document of another agency.
 *
 * @param agencies batches of the first agency, of the second …
 * @returns markers of the first agency, of the second …
 */
export function findMarkers(
  agencies: readonly (readonly Pick<BatchEvidence, "lines">[])[],
): string[][] {
  const documents = agencies.map((batches) => [
    ...new Set(batches.flatMap(({ lines }) => splitLines(lines).map(documentOf))),
  ]);
  /** By document, or by a part of one: the agency, or 0 for several agencies. */
  const owners = new Map<string, number>();
  for (const [index, own] of documents.entries()) {
    for (const part of own.flatMap(partsOf)) {
      const owner = owners.get(part);
      owners.set(part, owner === undefined || owner === index + 1 ? index + 1 : 0);
    }
  }
  return documents.map((own, index) =>
    own.filter((document) => document.length >= DIGITS_MIN && owners.get(document) === index + 1),
  );
}

function partsOf(document: string): string[] {
  const parts: string[] = [];
  for (let from = 0; from + DIGITS_MIN <= document.length; from++) {
    for (let to = from + DIGITS_MIN; to <= document.length; to++) {
      parts.push(document.slice(from, to));
    }
  }
  return parts;
}
