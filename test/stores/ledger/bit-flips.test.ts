import assert from "node:assert/strict";
import { it } from "node:test";
import { LedgerCorrupt } from "../../../src/stores/ledger/ledger-corrupt.ts";
import { verifyDraw } from "../../../src/stores/ledger/verify.ts";
import type { BetStore } from "../../../src/store/bet-store.ts";
import {
  agency,
  batchesOf,
  batchOf,
  claimOf,
  scanned,
  submit,
  submitAll,
  winnersOf,
  tell,
} from "../conformance/batches.ts";
import { MemoryDisk, randomFrom, type Random } from "../../support/disk-memory.ts";
import { DATA_DIR, openOn } from "./ledger-fixture.ts";
import { documentsOf } from "../../support/documents.ts";

const BATCHES = 20;
const LAST_FLUSH = 3;

interface Subject {
  readonly disk: MemoryDisk;
  /** `agency/sequence`, in the order of acceptance. */
  readonly order: readonly string[];
  /** Batches whose loss cannot be noticed, because the flush may have been torn. */
  readonly unprotected: number;
}

const id = ({ agency: of, sequence }: { agency: number; sequence: number }): string =>
  `${of}/${sequence}`;

/** Three segments, two agencies, still open; the last flush has three batches. */
async function build(how: "killed" | "stopped"): Promise<Subject> {
  const disk = new MemoryDisk();
  const store = await openOn(disk, { segmentBytes: 2048, onFailure: () => undefined });
  for (let sequence = 1; sequence <= BATCHES - LAST_FLUSH; sequence++) {
    await submitAll(store, [batchOf(1, sequence), batchOf(2, sequence)]);
  }
  await submitAll(store, batchesOf(1, BATCHES - LAST_FLUSH + 1, BATCHES));
  const order = (await scanned(store)).map(id);
  if (how === "killed") return { disk: disk.kill(), order, unprotected: LAST_FLUSH };
  await store.close();
  return { disk, order, unprotected: 0 };
}

async function finish(store: BetStore): Promise<void> {
  for (const of of [1, 2]) {
    const { nextSequence } = await store.standing(agency(of));
    for (const batch of batchesOf(of, nextSequence, BATCHES)) await submit(store, batch);
    assert.deepEqual(await store.done(agency(of), claimOf(of, BATCHES)), { kind: "done" });
  }
  await store.performDraw(tell);
}

function pick(paths: readonly string[], random: Random): string {
  return paths[Math.floor(random() * paths.length)] as string;
}

/** @returns the result of the flip, for the statistics */
async function tryFlip(subject: Subject, random: Random, place: string): Promise<string> {
  const disk = subject.disk.clone();
  const segments = disk.paths.filter((name) => name.endsWith(".seg"));
  const used = segments.filter((name) =>
    disk
      .bytesOf(name)
      .subarray(32)
      .some((byte) => byte > 0),
  );
  // Any byte, but often one of the segment that was written last, because it has few.
  const path = random() < 0.4 ? (used.at(-1) as string) : pick(segments, random);
  const bytes = disk.bytesOf(path);
  const position = Math.floor(random() * bytes.length);
  bytes[position] = (bytes[position] as number) ^ (1 << Math.floor(random() * 8));
  const where = `${place}: ${path} at byte ${position}`;

  const corrupt = (error: unknown): string => {
    assert.ok(error instanceof LedgerCorrupt, `${where}: ${String(error)}`);
    assert.match(error.message, /\/data\/1/, where);
    return "refused";
  };
  let store: BetStore;
  let failure: unknown;
  const onFailure = (error: unknown): void => {
    failure = error;
  };
  try {
    store = await openOn(disk, { segmentBytes: 2048, onFailure });
  } catch (error) {
    if (error instanceof LedgerCorrupt && error.flaw.at !== undefined) {
      assert.equal(error.flaw.file, path, where);
      assert.ok("offset" in error.flaw.at && error.flaw.at.offset <= position, error.message);
    }
    return corrupt(error);
  }
  try {
    const found = (await scanned(store)).map(id);
    assert.deepEqual(found, subject.order.slice(0, found.length), where);
    assert.ok(found.length >= subject.order.length - subject.unprotected, `${where}: middle cut`);
    await finish(store);
    for (const of of [1, 2]) {
      assert.deepEqual(
        await documentsOf(await store.winners(agency(of))),
        winnersOf(of, BATCHES),
        where,
      );
    }
    await store.close();
    if (failure !== undefined) throw failure;
    assert.equal((await verifyDraw(DATA_DIR, "1", disk)).difference, undefined, where);
    return found.length === subject.order.length ? "harmless" : "cut";
  } catch (error) {
    if (error instanceof assert.AssertionError) throw error;
    return `${corrupt(error)} at the end`;
  } finally {
    await store.close();
  }
}

for (const how of ["killed", "stopped"] as const) {
  const seed = Math.floor(Math.random() * 2 ** 32);
  it(`P8 a flipped bit is cut or refused, and never leads to other winners (${how}, seed ${seed})`, async (t) => {
    const subject = await build(how);
    const random = randomFrom(seed);
    const outcomes = new Map<string, number>();
    for (let flip = 0; flip < 250; flip++) {
      const outcome = await tryFlip(subject, random, `seed ${seed}, flip ${flip}`);
      outcomes.set(outcome, (outcomes.get(outcome) ?? 0) + 1);
    }
    t.diagnostic(JSON.stringify(Object.fromEntries(outcomes)));
    assert.ok((outcomes.get("refused") ?? 0) > 0);
    assert.ok((outcomes.get("refused at the end") ?? 0) > 0);
    assert.ok((outcomes.get("cut") ?? 0) > 0 === (how === "killed"));
  });
}
