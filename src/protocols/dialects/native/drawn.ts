import { HEAD_BYTES } from "../../../lottery/chain.ts";
import { documentsIn } from "../../../lottery/winners.ts";
import type { AgencyResults } from "../../counter.ts";
import { str8Bytes } from "./frame-writer.ts";
import { FRAME_BYTES_MAX, LENGTH_BYTES, TYPE_BYTES, U16_MAX } from "./layout.ts";
import type { Drawn } from "./messages.ts";

/** Length, type, winning number, seal, total, index, count. */
const DRAWN_OVERHEAD_BYTES = LENGTH_BYTES + TYPE_BYTES + 2 + HEAD_BYTES + 4 + 4 + 2;

/**
 * An agency's results as messages that fill their frames, in order: at least one, with no documents
 * when there are no winners. Winners are read as they are asked for.
 *
 * @param frameBytesMax the central's limit; frames stay within the protocol's own too
 */
export async function* drawnMessages(
  { outcome, winners }: AgencyResults,
  frameBytesMax: number,
): AsyncGenerator<Drawn, void> {
  const { winningNumber, seal } = outcome;
  const bytesMax = Math.min(frameBytesMax, FRAME_BYTES_MAX);
  let index = 0;
  let documents: string[] = [];
  let bytes = DRAWN_OVERHEAD_BYTES;
  const filled = (): Drawn => {
    const total = winners.count;
    const drawn: Drawn = { kind: "drawn", winningNumber, seal, total, index, documents };
    index += documents.length;
    documents = [];
    bytes = DRAWN_OVERHEAD_BYTES;
    return drawn;
  };
  for await (const lines of winners.blocks()) {
    for (const document of documentsIn(lines)) {
      const more = str8Bytes(document);
      const fits = bytes + more <= bytesMax && documents.length < U16_MAX;
      if (!fits && documents.length > 0) yield filled();
      documents.push(document);
      bytes += more;
    }
  }
  yield filled();
}
