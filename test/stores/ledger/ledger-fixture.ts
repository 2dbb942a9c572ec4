import assert from "node:assert/strict";
import { openLedger, type LedgerOptions } from "../../../src/stores/ledger/ledger.ts";
import { parseRecord, type PlacedRecord } from "../../../src/stores/ledger/record.ts";
import type { BetStore } from "../../../src/store/bet-store.ts";
import { WINNING_NUMBER } from "../conformance/batches.ts";
import { type MemoryDisk, noLock } from "../../support/disk-memory.ts";

/** Where ledgers are on a disk in memory; the draw is "1". */
export const DATA_DIR = "/data";
export const DRAW_DIR = "/data/1";

export const segmentPath = (number: number): string =>
  `${DRAW_DIR}/${String(number).padStart(8, "0")}.seg`;
export const summaryPath = (number: number): string =>
  `${DRAW_DIR}/${String(number).padStart(8, "0")}.sum`;

/** Opens a ledger on a disk in memory: small segments, two agencies, no lock. */
export function openOn(disk: MemoryDisk, options: Partial<LedgerOptions> = {}): Promise<BetStore> {
  return openLedger({
    dir: DATA_DIR,
    draw: "1",
    winningNumber: WINNING_NUMBER,
    agencies: 2,
    segmentBytes: 4096,
    disk,
    lock: noLock,
    onFailure: (error) => {
      throw error;
    },
    ...options,
  });
}

/** Resolves once the background has prepared segment `number`. */
export function segmentReady(disk: MemoryDisk, number: number): Promise<void> {
  return eventually(`segment ${number}`, () => disk.paths.includes(segmentPath(number)));
}

/** Resolves once the background has made something true. */
export async function eventually(what: string, holds: () => boolean): Promise<void> {
  for (let turns = 0; !holds(); turns++) {
    assert.ok(turns < 10_000, `never: ${what}`);
    await new Promise(setImmediate);
  }
}

/** The records of a segment. */
export function recordsIn(disk: MemoryDisk, segment = 1): PlacedRecord[] {
  const bytes = disk.bytesOf(segmentPath(segment));
  const records: PlacedRecord[] = [];
  for (let at = 32; ; ) {
    const parsed = parseRecord(bytes, at);
    if (parsed.kind !== "record") return records;
    records.push(parsed.record);
    at = parsed.record.end;
  }
}
