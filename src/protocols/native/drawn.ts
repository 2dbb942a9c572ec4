import { HEAD_BYTES } from "../../lottery/chain.ts";
import type { AgencyResults } from "../desk.ts";
import { str8Bytes } from "./frame-writer.ts";
import { FRAME_BYTES_MAX, LENGTH_BYTES, TYPE_BYTES, U16_MAX } from "./layout.ts";
import type { Drawn } from "./messages.ts";

/** Length, type, winning number, seal, total, index, count. */
const DRAWN_OVERHEAD_BYTES = LENGTH_BYTES + TYPE_BYTES + 2 + HEAD_BYTES + 4 + 4 + 2;

/**
 * An agency's results as messages that fit their frames, in order: at least one, with no documents
 * when there are no winners.
 *
 * @param frameBytesMax the central's limit; frames stay within the protocol's own too
 */
export function* drawnMessages(
  results: AgencyResults,
  frameBytesMax: number,
): Generator<Drawn, void> {
  const { outcome } = results;
  const winners = results.winners.map(({ document }) => document);
  const bytesMax = Math.min(frameBytesMax, FRAME_BYTES_MAX);
  let index = 0;
  do {
    const end = fillFrame(winners, index, bytesMax);
    yield {
      kind: "drawn",
      winningNumber: outcome.winningNumber,
      seal: outcome.seal,
      total: winners.length,
      index,
      documents: winners.slice(index, end),
    };
    index = end;
  } while (index < winners.length);
}

/** @returns where the frame that begins with the document at `index` ends, at least one further */
function fillFrame(winners: readonly string[], index: number, bytesMax: number): number {
  let bytes = DRAWN_OVERHEAD_BYTES;
  let end = index;
  while (end < winners.length && end - index < U16_MAX) {
    bytes += str8Bytes(winners[end] ?? "");
    if (bytes > bytesMax && end > index) break;
    end++;
  }
  return end;
}
