import type { AgencyId } from "../../lottery/bet.ts";
import type { StoredBatch } from "../../store/bet-store.ts";
import type { Disk } from "../disk/disk.ts";
import { BATCH, SEGMENT_HEADER_BYTES } from "./layout.ts";
import { LedgerCorrupt } from "./ledger-corrupt.ts";
import type { PlacedRecord } from "./record.ts";
import { readSegment, walkSegment } from "./segment-image.ts";

/**
 * Every batch up to an offset of a segment, in the order of acceptance, holding one segment in memory.
 * The lines of a batch are the caller's.
 *
 * @throws LedgerCorrupt
 */
export async function* scanBatches(
  disk: Disk,
  dir: string,
  lastSegment: number,
  end: number,
): AsyncGenerator<StoredBatch> {
  for (let number = 1; number <= lastSegment; number++) {
    const image = await readSegment(disk, dir, number);
    const limit = number === lastSegment ? end : image.bytes.length;
    const walk = walkSegment(image, SEGMENT_HEADER_BYTES);
    let step = walk.next();
    for (; step.done !== true && step.value.at < limit; step = walk.next()) {
      if (step.value.kind === BATCH) yield storedBatch(step.value);
    }
    if (step.done === true && step.value.kind === "flaw" && step.value.at < limit) {
      const { at: offset, expected, found } = step.value;
      throw new LedgerCorrupt({ file: image.path, at: { offset }, expected, found });
    }
  }
}

export function storedBatch({ agency, sequence, count, head, body }: PlacedRecord): StoredBatch {
  return { agency: agency as AgencyId, sequence, count, lines: body, head };
}
