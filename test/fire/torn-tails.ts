import assert from "node:assert/strict";
import { openSync, closeSync, ftruncateSync, readFileSync, writeSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Random } from "../../src/generate/random.ts";
import { LedgerCorrupt } from "../../src/stores/ledger/ledger-corrupt.ts";
import { openLedger } from "../../src/stores/ledger/ledger.ts";
import type { TornTail } from "../../src/store/bet-store.ts";
import { verifyDraw } from "../../src/stores/ledger/verify.ts";
import type { BetStore } from "../../src/store/bet-store.ts";
import { readDrawFiles } from "../checker/read-draw-files.ts";
import { type FoundRecord, readLedger } from "../checker/read-ledger.ts";
import {
  agency,
  batchesOf,
  batchOf,
  claimOf,
  scanned,
  submit,
  submitAll,
  WINNING_NUMBER,
  tell,
} from "../stores/conformance/batches.ts";
import { copyLedger } from "../support/copy-ledger.ts";
import { FakeClock } from "../support/fake-clock.ts";

/** The bytes from the torn byte on. */
export const RESTS = ["zeros", "garbage", "an older record", "nothing: the file is cut"] as const;
export type Rest = (typeof RESTS)[number];

/**
 * Real files of two ledgers: the last flush of one has three records, that of the other has the
 * seal.
 */
export const TORN_SUBJECTS = ["three batches", "last DONE and seal"] as const;
export type TornSubject = (typeof TORN_SUBJECTS)[number];

const SEGMENT_BYTES = 8192;
const FIRST = 4;
const LAST = 3;
const BATCHES = FIRST + LAST;

export interface TornFiles {
  readonly subject: TornSubject;
  /** Data directory, as a killed central leaves it. */
  readonly dir: string;
  readonly records: readonly FoundRecord[];
  /** The first record that the last flush wrote. */
  readonly from: number;
  remove(): Promise<void>;
}

export async function layTornFiles(subject: TornSubject): Promise<TornFiles> {
  const root = await mkdtemp(join(tmpdir(), "quiniela-torn-"));
  const store = await open(join(root, "live"));
  for (const batch of batchesOf(1, 1, FIRST)) await submit(store, batch);
  await submit(store, batchOf(2, 1));
  await submitAll(store, batchesOf(1, FIRST + 1, BATCHES));
  if (subject === "last DONE and seal") {
    await store.done(agency(1), claimOf(1, BATCHES));
    await store.done(agency(2), claimOf(2, 1));
  }
  // A copy of files that are not being written: like the files that a kill leaves at this moment.
  const dir = join(root, "killed");
  copyLedger(join(root, "live"), dir);
  await store.close();
  // The draw's files may be made after the seal; in the copy they do not exist yet.
  for (const name of ["bets.csv", "seal.json", "bets.csv.tmp", "seal.json.tmp"]) {
    await rm(join(dir, "1", name), { force: true });
  }
  const { records } = readLedger(readDrawFiles(join(dir, "1")));
  const flush = records.at(-1)?.flush;
  const tail = records.filter((record) => record.flush === flush);
  assert.equal(tail.length, subject === "three batches" ? LAST : 2, "records of the last flush");
  const remove = (): Promise<void> => rm(root, { recursive: true });
  return { subject, dir, records, from: records.length - tail.length, remove };
}

/** Every byte of the records of the last flush. */
export function tornBytes({ records, from }: TornFiles): number[] {
  const first = records[from]?.at ?? 0;
  const end = records.at(-1)?.end ?? 0;
  return Array.from({ length: end - first }, (_, index) => first + index);
}

/**
 * Tears a copy of the files at a byte, checks it with `verify`, opens it and goes on to the draw.
 * What was confirmed before the last flush must be there, complete records of that flush may be
 * there, and nothing else.
 */
export async function tearAt(
  files: TornFiles,
  at: number,
  rest: Rest,
  random: Random,
): Promise<void> {
  const root = await mkdtemp(join(tmpdir(), "quiniela-torn-"));
  try {
    copyLedger(files.dir, root);
    tear(join(root, "1", "00000001.seg"), files, at, rest, random);
    const { records } = files;
    const [older] = records;
    const room = (records.at(-1)?.end ?? 0) - at;
    if (rest === "nothing: the file is cut") {
      // A crash never makes a segment shorter, because it has all its bytes before it has its name.
      await expectRefused(root, /00000001\.seg at byte 0: expected the header of segment 1 of/);
    } else if (rest === "an older record" && room >= (older?.end ?? 0) - (older?.at ?? 0)) {
      // A crash does not leave complete old records in place of zeros either: these are not a torn
      // write.
      const kept = records.findLast(({ end }) => end <= at)?.end;
      await expectRefused(root, new RegExp(`00000001\\.seg at byte ${kept}: expected`));
    } else {
      await expectRecovered(root, files, at);
    }
  } catch (error) {
    throw new Error(`${files.subject}, torn at byte ${at}, then ${rest}`, { cause: error });
  } finally {
    await rm(root, { recursive: true });
  }
}

async function expectRefused(dir: string, says: RegExp): Promise<void> {
  await assert.rejects(open(dir), (error: unknown) => {
    assert.ok(error instanceof LedgerCorrupt, String(error));
    assert.match(error.message, says);
    return true;
  });
  const { difference } = await verifyDraw(dir, "1");
  assert.match(difference ?? "", says);
}

async function expectRecovered(dir: string, files: TornFiles, at: number): Promise<void> {
  const whole = files.records.filter(({ end }) => end <= at);
  const keptEnd = whole.at(-1)?.end ?? 0;
  const { tornTail, difference } = await verifyDraw(dir, "1");
  assert.equal(difference, undefined);
  assert.ok(tornTail === undefined || tornTail.offset === keptEnd);

  const tails: TornTail[] = [];
  const store = await open(dir, (tail) => tails.push(tail));
  try {
    // There may be nothing to cut except zeros.
    assert.ok(tails.length <= 1);
    assert.deepEqual(
      tails.map(({ offset }) => offset),
      tornTail === undefined ? [] : [keptEnd],
    );
    const batches = whole.filter(({ kind }) => kind === "batch");
    const found = await scanned(store);
    assert.deepEqual(
      found.map(({ lines }) => Buffer.from(lines)),
      batches.map(({ body }) => body),
    );
    // Agencies continue after what the store says it has of them.
    for (const [number, count] of [
      [1, BATCHES],
      [2, 1],
    ] as const) {
      const { nextSequence } = await store.standing(agency(number));
      for (const batch of batchesOf(number, nextSequence, count)) {
        assert.equal((await submit(store, batch)).kind, "stored");
      }
      assert.deepEqual(await store.done(agency(number), claimOf(number, count)), { kind: "done" });
    }
    await store.performDraw(tell);
  } finally {
    await store.close();
  }
  const after = await verifyDraw(dir, "1");
  assert.deepEqual(
    [after.state, after.difference, after.tornTail],
    ["drawn", undefined, undefined],
  );
  const expected = Buffer.concat([
    ...batchesOf(1, 1, FIRST).map(({ lines }) => lines),
    batchOf(2, 1).lines,
    ...batchesOf(1, FIRST + 1, BATCHES).map(({ lines }) => lines),
  ]);
  assert.ok(readFileSync(join(dir, "1", "bets.csv")).equals(expected), "bets.csv is another");
}

function tear(path: string, files: TornFiles, at: number, rest: Rest, random: Random): void {
  const end = files.records.at(-1)?.end ?? 0;
  const file = openSync(path, "r+");
  try {
    if (rest === "nothing: the file is cut") ftruncateSync(file, at);
    else writeSync(file, restOf(files, end - at, rest, random), 0, end - at, at);
  } finally {
    closeSync(file);
  }
}

function restOf(
  files: TornFiles,
  bytes: number,
  rest: Exclude<Rest, "nothing: the file is cut">,
  random: Random,
): Buffer {
  const buffer = Buffer.alloc(bytes);
  switch (rest) {
    case "zeros":
      return buffer;
    case "garbage":
      for (let at = 0; at < bytes; at++) buffer[at] = 1 + random.below(255);
      return buffer;
    case "an older record": {
      const [first] = files.records;
      const segment = readFileSync(join(files.dir, "1", "00000001.seg"));
      segment.copy(buffer, 0, first?.at ?? 0, first?.end ?? 0);
      return buffer;
    }
    default:
      return rest satisfies never;
  }
}

function open(
  dir: string,
  onTornTail: (tail: TornTail) => void = () => undefined,
): Promise<BetStore> {
  return openLedger({
    dir,
    draw: "1",
    winningNumber: WINNING_NUMBER,
    agencies: 2,
    segmentBytes: SEGMENT_BYTES,
    // Time stands still, so closing waits as long as needed.
    clock: new FakeClock(),
    onFailure: (error) => {
      throw error;
    },
    onTornTail,
  });
}
