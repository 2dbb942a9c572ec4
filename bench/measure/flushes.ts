import { closeSync, openSync, readdirSync, readSync, statSync } from "node:fs";
import { join } from "node:path";
import {
  PREFIX_BYTES,
  RECORD_HEADER_BYTES,
  SEGMENT_HEADER_BYTES,
  segmentName,
  segmentNumber,
} from "../../src/stores/ledger/layout.ts";

/** How large a ledger is at the moment. */
export interface LedgerSize {
  /** Number of flushes so far: the number in the last record. */
  readonly flushes: number;
  /** Bytes of segments up to the end of the last record. */
  readonly bytes: number;
}

/** Offset in a record of the number of its flush: docs/ledger.md. */
const FLUSH_AT = 16;

/** Reads the size from the files, also while the central writes to them. @param dir the draw's folder */
export function ledgerSize(dir: string): LedgerSize {
  const header = Buffer.alloc(RECORD_HEADER_BYTES);
  // Segments are prepared ahead, so the last ones may be empty.
  for (const name of readdirSync(dir).toSorted().toReversed()) {
    const number = segmentNumber(name);
    if (number === undefined) continue;
    const file = openSync(join(dir, name), "r");
    try {
      let flushes = 0;
      let at = SEGMENT_HEADER_BYTES;
      while (readSync(file, header, 0, RECORD_HEADER_BYTES, at) === RECORD_HEADER_BYTES) {
        const length = header.readUInt32BE(0);
        if (length === 0) break;
        flushes = Number(header.readBigUInt64BE(FLUSH_AT));
        at += PREFIX_BYTES + length;
      }
      if (flushes > 0) return { flushes, bytes: bytesBefore(dir, number) + at };
    } finally {
      closeSync(file);
    }
  }
  return { flushes: 0, bytes: 0 };
}

/** Adds up the sizes of the segments before, because they differ. */
function bytesBefore(dir: string, number: number): number {
  let bytes = 0;
  for (let before = 1; before < number; before++) {
    bytes += statSync(join(dir, segmentName(before))).size;
  }
  return bytes;
}
