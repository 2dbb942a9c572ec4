import assert from "node:assert/strict";
import type { Batch } from "../../src/lottery/batch.ts";
import type { BetStore } from "../../src/store/bet-store.ts";
import type { Random } from "../../src/generate/random.ts";
import { type FoundRecord, readLedger } from "../checker/read-ledger.ts";
import {
  agency,
  batchOf,
  claimOf,
  submit,
  submitAll,
  tell,
} from "../stores/conformance/batches.ts";
import { DRAW_DIR, openOn } from "../stores/ledger/ledger-fixture.ts";
import { FakeClock } from "../support/fake-clock.ts";
import { documentsOf } from "../support/documents.ts";
import { MemoryDisk } from "../support/disk-memory.ts";

export const SUBJECTS = [
  "open, killed",
  "open, stopped",
  "drawn, killed",
  "drawn, stopped",
] as const;
export type SubjectName = (typeof SUBJECTS)[number];

/** The result of a draw: no damage to its files may ever lead to another one. */
export interface Outcome {
  readonly seal: string;
  readonly winners: readonly (readonly string[])[];
  readonly betsCsv: Buffer;
  readonly sealJson: Buffer;
}

/** A ledger on a disk in memory, whose copies are damaged. */
export interface FlipSubject {
  readonly name: SubjectName;
  readonly disk: MemoryDisk;
  readonly drawn: boolean;
  /** The records in the files. */
  readonly records: readonly FoundRecord[];
  /** In the order of acceptance. */
  readonly batches: readonly Batch[];
  readonly outcome: Outcome;
}

const SEGMENT_BYTES = 16_384;
const AGENCIES = [1, 2] as const;
/** Batches of the last flush, all of one agency. */
const LAST_FLUSH = 3;
const FLUSH_MAX = 8;

export async function buildFlipSubject(
  name: SubjectName,
  count: number,
  random: Random,
): Promise<FlipSubject> {
  const batches = inOrderOf(count, random);
  const disk = new MemoryDisk();
  const store = await openDamaged(disk, () => undefined);
  for (let at = 0; at < count - LAST_FLUSH; ) {
    const next = Math.min(count - LAST_FLUSH, at + 1 + random.below(FLUSH_MAX));
    await submitAll(store, batches.slice(at, next));
    at = next;
  }
  await submitAll(store, batches.slice(-LAST_FLUSH));
  const drawn = name.startsWith("drawn");
  // The result that all of them must have. If the draw must not take place yet, it is found on a
  // copy.
  const spare = drawn ? disk : disk.clone();
  const finishing = drawn ? store : await openDamaged(spare, assert.ifError);
  const winners = await finish(finishing, batches);
  for (let turn = 0; !spare.paths.includes(`${DRAW_DIR}/seal.json`); turn++) {
    assert.ok(turn < 10_000, "seal.json is never there");
    await new Promise(setImmediate);
  }
  const outcome = outcomeOn(spare, winners);
  if (!drawn) await finishing.close();
  if (name.endsWith("stopped")) await store.close();
  const left = name.endsWith("stopped") ? disk : disk.kill();
  return { name, disk: left, drawn, records: readLedger(filesOf(left)).records, batches, outcome };
}

/** @param onFailure told when the store stops by itself */
export function openDamaged(
  disk: MemoryDisk,
  onFailure: (error: Error) => void,
): Promise<BetStore> {
  return openOn(disk, {
    segmentBytes: SEGMENT_BYTES,
    // Thousands are opened, so their buffers are no larger than they need.
    groupBytes: SEGMENT_BYTES,
    // Time stands still, so closing waits as long as needed.
    clock: new FakeClock(),
    onFailure,
  });
}

/**
 * Sends what is missing, says DONE for every agency, and performs the draw. @returns the winners
 */
export async function finish(
  store: BetStore,
  batches: readonly Batch[],
): Promise<(readonly string[])[]> {
  for (const number of AGENCIES) {
    const own = batches.filter((batch) => batch.agency === number);
    const { nextSequence, done } = await store.standing(agency(number));
    for (const batch of own.slice(nextSequence - 1)) await submit(store, batch);
    if (done) continue;
    const verdict = await store.done(agency(number), claimOf(number, own.length, 1));
    assert.equal(verdict.kind, "done");
  }
  await store.performDraw(tell);
  await store.whenDrawn();
  return Promise.all(
    AGENCIES.map(async (number) => (await documentsOf(await store.winners(agency(number)))) ?? []),
  );
}

export function outcomeOn(disk: MemoryDisk, winners: readonly (readonly string[])[]): Outcome {
  const sealJson = Buffer.from(disk.bytesOf(`${DRAW_DIR}/seal.json`));
  const { seal } = JSON.parse(sealJson.toString()) as { seal: string };
  return { seal, winners, betsCsv: Buffer.from(disk.bytesOf(`${DRAW_DIR}/bets.csv`)), sealJson };
}

/** Files by their names in the draw's directory. */
export function filesOf(disk: MemoryDisk): Map<string, Uint8Array> {
  return new Map(
    disk.paths.map((path) => [path.slice(DRAW_DIR.length + 1), disk.bytesOf(path)] as const),
  );
}

/** Batches of one bet, of two agencies in random order; the last ones are the first agency's. */
function inOrderOf(count: number, random: Random): Batch[] {
  const sequences = [0, 0];
  return Array.from({ length: count }, (_, index) => {
    const which = index >= count - LAST_FLUSH ? 0 : random.below(2);
    const sequence = (sequences[which] ?? 0) + 1;
    sequences[which] = sequence;
    return batchOf(which + 1, sequence, 1);
  });
}
