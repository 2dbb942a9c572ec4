import { documentsIn } from "../../lottery/winners.ts";
import type { Winners } from "../../store/bet-store.ts";

/**
 * The documents of bets that won as a text, a piece at a time: there may be more than memory holds.
 *
 * @param between stands between two documents
 */
export async function* documentsText(
  winners: Winners,
  between: string,
): AsyncGenerator<Buffer, void> {
  let before = "";
  for await (const lines of winners.blocks()) {
    yield Buffer.from(before + [...documentsIn(lines)].join(between), "latin1");
    before = between;
  }
}

/** Bytes of {@link documentsText}, known beforehand. */
export function documentsTextBytes(
  { count, documentBytes }: Pick<Winners, "count" | "documentBytes">,
  between: string,
): number {
  return documentBytes + Math.max(count - 1, 0) * between.length;
}
