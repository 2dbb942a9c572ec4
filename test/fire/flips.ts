import assert from "node:assert/strict";
import { LedgerCorrupt } from "../../src/stores/ledger/ledger-corrupt.ts";
import { verifyDraw } from "../../src/stores/ledger/verify.ts";
import type { Random } from "../../src/generate/random.ts";
import { StoreError } from "../../src/store/store-error.ts";
import { agency } from "../stores/conformance/batches.ts";
import { DATA_DIR, DRAW_DIR, segmentPath } from "../stores/ledger/ledger-fixture.ts";
import type { MemoryDisk } from "../support/disk-memory.ts";
import { type FlipSubject, finish, openDamaged, outcomeOn } from "./flip-subject.ts";

/** One bit of one file. */
export interface Flip {
  readonly path: string;
  readonly offset: number;
  readonly bit: number;
}

/** The result of a flip, for the statistics. */
export type Fate =
  /** The start is refused. */
  | "refused"
  /** The ledger opens, and the damage is found before `bets.csv` is written. */
  | "refused later"
  /** It is taken for a torn flush, which is cut and sent again. */
  | "cut"
  /** It changes nothing: zeros, a cache, or bytes that only `verify` reads. */
  | "harmless";

/** Any bit; those of the last flush and of small files are chosen more often than others. */
export function chooseFlip({ disk, records }: FlipSubject, random: Random): Flip {
  const at = (path: string, from: number, to: number): Flip => ({
    path,
    offset: from + random.below(to - from),
    bit: random.below(8),
  });
  const last = records.at(-1);
  assert.ok(last !== undefined);
  const segments = disk.paths.filter((path) => path.endsWith(".seg"));
  const others = disk.paths.filter((path) => !path.endsWith(".seg"));
  const choice = random.below(100);
  if (choice < 20) return at(segmentPath(last.segment), last.flushAt, last.end);
  if (choice < 40) {
    const path = others[random.below(others.length)] ?? "";
    return at(path, 0, disk.bytesOf(path).length);
  }
  if (choice < 50) {
    const path = segments[random.below(segments.length)] ?? "";
    return at(path, 0, disk.bytesOf(path).length);
  }
  const path = segmentPath(1 + random.below(last.segment));
  const end = records.findLast(({ segment }) => segmentPath(segment) === path)?.end ?? 1;
  return at(path, 0, end);
}

/**
 * Damages a copy, and checks it with `verify` and with a store that opens it and goes on to the
 * draw.
 * @throws AssertionError if the damage was not noticed although it had to be, if it was repaired
 * although it must not be, or if the result is another one than without the damage
 */
export async function tryFlip(subject: FlipSubject, flip: Flip): Promise<Fate> {
  const disk = subject.disk.clone();
  const bytes = disk.bytesOf(flip.path);
  bytes[flip.offset] = (bytes[flip.offset] ?? 0) ^ (1 << flip.bit);
  const hit = placeOf(subject, flip);
  try {
    const verified = await verify(disk);
    const fate = await open(subject, disk);
    expectVerified(subject, hit, verified);
    expectFate(subject, hit, flip, fate);
    return fate.kind;
  } catch (error) {
    const where = `${subject.name}: bit ${flip.bit} of byte ${flip.offset} of ${flip.path}, ${hit.kind}`;
    throw new Error(where, { cause: error });
  }
}

type Place =
  /** In a record; where the record begins, and whether the last flush wrote it. */
  | { readonly kind: "record"; readonly at: number; readonly inLastFlush: boolean }
  | { readonly kind: "header of a segment with records" }
  | { readonly kind: "bets.csv" | "seal.json" | "draw.json" | "summary" }
  /** Where there is no record, or no more record. */
  | { readonly kind: "zeros" | "header of a segment that waits" };

function placeOf({ records }: FlipSubject, { path, offset }: Flip): Place {
  const name = path.slice(DRAW_DIR.length + 1);
  if (name.endsWith(".sum")) return { kind: "summary" };
  if (!name.endsWith(".seg")) return { kind: name as "bets.csv" | "seal.json" | "draw.json" };
  const own = records.filter(({ segment }) => segmentPath(segment) === path);
  if (offset < 32) {
    return own.length > 0
      ? { kind: "header of a segment with records" }
      : { kind: "header of a segment that waits" };
  }
  const record = own.find(({ at, end }) => at <= offset && offset < end);
  if (record === undefined) return { kind: "zeros" };
  const inLastFlush = record.flush === records.at(-1)?.flush;
  return { kind: "record", at: record.at, inLastFlush };
}

interface Judged {
  readonly kind: Fate;
  /** Why it was refused. */
  readonly error?: StoreError;
}

type Verified = "agrees" | "differs" | "torn";

async function verify(disk: MemoryDisk): Promise<Verified> {
  try {
    const { difference, tornTail } = await verifyDraw(DATA_DIR, "1", disk);
    if (difference !== undefined) return "differs";
    return tornTail === undefined ? "agrees" : "torn";
  } catch (error) {
    assert.ok(error instanceof StoreError, String(error));
    return "differs";
  }
}

/** Opens the ledger, goes on to the draw if there is none yet, and compares the result. */
async function open(subject: FlipSubject, disk: MemoryDisk): Promise<Judged> {
  const failures: Error[] = [];
  let store: Awaited<ReturnType<typeof openDamaged>>;
  try {
    store = await openDamaged(disk, (error) => failures.push(error));
  } catch (error) {
    assert.ok(error instanceof StoreError, String(error));
    return { kind: "refused", error };
  }
  let stored = 0;
  let winners: (readonly string[])[] | undefined;
  try {
    for (const number of [1, 2]) stored += (await store.standing(agency(number))).nextSequence - 1;
    winners = await finish(store, subject.batches);
  } catch (error) {
    if (!(error instanceof StoreError)) throw error;
    failures.push(error);
  }
  // Files may be written after the draw: when the store is closed they are there, or have failed.
  await store.close();
  // If winners are told, they are the right ones, whatever is found afterwards.
  if (winners !== undefined) assert.deepEqual(winners, subject.outcome.winners);
  const [error] = failures;
  if (error !== undefined) {
    assert.ok(error instanceof StoreError, String(error));
    return { kind: "refused later", error };
  }
  assert.ok(winners !== undefined);
  // A published draw is not published again: only `verify` reads those files.
  if (!subject.drawn) assert.deepEqual(outcomeOn(disk, winners), subject.outcome);
  return { kind: stored < subject.batches.length ? "cut" : "harmless" };
}

/** `verify` finds every change in what it has to check. */
function expectVerified({ drawn }: FlipSubject, hit: Place, verified: Verified): void {
  switch (hit.kind) {
    case "record":
      assert.notEqual(verified, "agrees");
      if (!hit.inLastFlush) assert.equal(verified, "differs");
      break;
    case "header of a segment with records":
    case "bets.csv":
    case "seal.json":
      assert.equal(verified, "differs");
      break;
    case "draw.json":
      // Before the draw nothing else has the settings, except a start of a central.
      if (drawn) assert.equal(verified, "differs");
      break;
    case "summary":
      assert.equal(verified, "agrees");
      break;
    case "zeros":
    case "header of a segment that waits":
      break;
    default:
      hit satisfies never;
  }
}

/** Damage is repaired only in the last flush; in the middle it is refused with file and offset. */
function expectFate(subject: FlipSubject, hit: Place, flip: Flip, { kind, error }: Judged): void {
  const killed = subject.name.endsWith("killed");
  if (error !== undefined) {
    assert.ok(error.message.includes(DRAW_DIR), error.message);
    const code =
      hit.kind === "draw.json" ? ["DRAW_MISMATCH", "LEDGER_CORRUPT"] : ["LEDGER_CORRUPT"];
    assert.ok(code.includes(error.code), error.message);
  }
  switch (hit.kind) {
    case "record":
      if (subject.drawn) {
        // A record that a summary covers is not read at the start: `verify` finds the damage, and
        // winners are right.
        assert.ok(kind !== "cut" || hit.inLastFlush);
      } else if (killed && hit.inLastFlush) {
        assert.equal(kind, "cut");
      } else {
        assert.ok(kind === "refused" || kind === "refused later", kind);
      }
      if (error !== undefined) {
        assert.ok(error instanceof LedgerCorrupt, error.message);
        assert.deepEqual([error.flaw.file, error.flaw.at], [flip.path, { offset: hit.at }]);
      }
      break;
    case "header of a segment with records":
    case "header of a segment that waits":
      assert.equal(kind, "refused");
      assert.ok(error?.message.includes(`${flip.path} at byte 0`), error?.message);
      break;
    case "draw.json":
      assert.equal(kind, "refused");
      break;
    case "bets.csv":
    case "summary":
      assert.equal(kind, "harmless");
      break;
    case "seal.json":
      assert.ok(kind === "harmless" || kind === "refused", kind);
      break;
    case "zeros":
      // After the last record they may be the rest of a torn flush, and are made zeros again.
      assert.notEqual(kind, "cut");
      break;
    default:
      hit satisfies never;
  }
}
