import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { verifyDraw } from "../../../src/stores/ledger/verify.ts";
import { agency, batchesOf, claimOf, submit, winnersOf, tell } from "../conformance/batches.ts";
import { MemoryDisk } from "../../support/disk-memory.ts";
import { DATA_DIR, openOn, segmentPath, summaryPath } from "./ledger-fixture.ts";
import { documentsOf } from "../../support/documents.ts";

const BATCHES = 40;

/** Several segments, two agencies, stopped in an orderly way. */
async function build(): Promise<MemoryDisk> {
  const disk = new MemoryDisk();
  const store = await openOn(disk, { segmentBytes: 2048 });
  for (const of of [1, 2]) {
    for (const batch of batchesOf(of, 1, BATCHES)) await submit(store, batch);
  }
  await store.done(agency(2), claimOf(2, BATCHES));
  await store.close();
  return disk;
}

/** Bytes read while a ledger is opened, by file. */
async function bytesReadAtOpening(disk: MemoryDisk): Promise<Map<string, number>> {
  const read = new Map<string, number>();
  const open = disk.open.bind(disk);
  disk.open = async (path, options) => {
    const file = await open(path, options);
    return {
      ...file,
      read: async (into, position) => {
        const bytes = await file.read(into, position);
        read.set(path, (read.get(path) ?? 0) + bytes);
        return bytes;
      },
    };
  };
  const store = await openOn(disk);
  for (const of of [1, 2]) {
    const { nextSequence, bets, head } = await store.standing(agency(of));
    const standing = { batches: nextSequence - 1, bets, head: Buffer.from(head) };
    assert.deepEqual(standing, claimOf(of, BATCHES));
  }
  assert.deepEqual((await store.standing(agency(2))).done, true);
  await store.close();
  return read;
}

const summariesOf = (disk: MemoryDisk): string[] =>
  disk.paths.filter((path) => path.endsWith(".sum"));

describe("summaries", () => {
  it("make it unnecessary to read full segments at a start", async () => {
    const disk = await build();
    const segments = summariesOf(disk).length;
    assert.ok(segments > 5);
    const read = await bytesReadAtOpening(disk);
    for (let number = 1; number < segments; number++) {
      const bytes = read.get(segmentPath(number)) ?? 0;
      assert.ok(bytes > 0 && bytes < 600, `${bytes} bytes of segment ${number}`);
    }
  });

  it("are made again when they are missing or broken", async () => {
    const disk = await build();
    const whole = new Map(summariesOf(disk).map((path) => [path, Buffer.from(disk.bytesOf(path))]));
    await disk.remove(summaryPath(1));
    const broken = disk.bytesOf(summaryPath(3));
    broken[40] = (broken[40] ?? 0) ^ 1;
    const read = await bytesReadAtOpening(disk);
    assert.equal(read.get(segmentPath(1)), 2048);
    assert.equal(read.get(segmentPath(3)), 2048);
    assert.deepEqual(new Map(summariesOf(disk).map((path) => [path, disk.bytesOf(path)])), whole);
  });

  it("have the winners, so a draw that is started from summaries has all of them", async () => {
    const disk = await build();
    const store = await openOn(disk);
    await store.done(agency(1), claimOf(1, BATCHES));
    await store.performDraw(tell);
    for (const of of [1, 2]) {
      assert.deepEqual(await documentsOf(await store.winners(agency(of))), winnersOf(of, BATCHES));
    }
    await store.close();
    const drawn = await openOn(disk);
    assert.deepEqual(await documentsOf(await drawn.winners(agency(1))), winnersOf(1, BATCHES));
    await drawn.close();
  });

  it("of the last segment end at an orderly stop, and become longer at the next one", async () => {
    const disk = await build();
    const last = summariesOf(disk).at(-1) as string;
    const before = disk.bytesOf(last).length;
    const store = await openOn(disk);
    for (const batch of batchesOf(1, BATCHES + 1, BATCHES + 2)) {
      // The next segment may not be ready yet.
      while ((await submit(store, batch)).kind === "busy") await new Promise(setImmediate);
    }
    await store.close();
    const latest = summariesOf(disk).at(-1) as string;
    assert.ok(latest > last || disk.bytesOf(last).length > before);
    assert.equal((await verifyDraw(DATA_DIR, "1", disk)).difference, undefined);
  });

  it("of another segment or another ledger are recognised", async () => {
    const disk = await build();
    disk.bytesOf(summaryPath(1)).copy(disk.bytesOf(summaryPath(2)));
    await bytesReadAtOpening(disk.clone());

    const other = new MemoryDisk();
    const store = await openOn(other, { segmentBytes: 2048 });
    for (const batch of batchesOf(1, 1, BATCHES, 3)) await submit(store, batch);
    await store.close();
    const mixed = await build();
    const file = await mixed.open(summaryPath(1), { mode: "create" });
    const bytes = other.bytesOf(summaryPath(1));
    await new Promise((resolve) => file.write(bytes, 0, resolve));
    await assert.rejects(openOn(mixed.clone()), { code: "LEDGER_CORRUPT", message: /summary/ });
    const { difference } = await verifyDraw(DATA_DIR, "1", mixed);
    assert.match(difference ?? "no difference", /00000001\.sum/);
  });
});
