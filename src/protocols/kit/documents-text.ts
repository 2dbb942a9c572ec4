import { documentsIn } from "../../lottery/winners.ts";
import type { Winners } from "../../store/bet-store.ts";

/**
 * The documents of winning bets as one text, in pieces: there may be more than fit in memory.
 *
 * @param between goes between two documents
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

/** Number of bytes of {@link documentsText}, computed beforehand. */
export function documentsTextBytes(
  { count, documentBytes }: Pick<Winners, "count" | "documentBytes">,
  between: string,
): number {
  return documentBytes + Math.max(count - 1, 0) * between.length;
}
