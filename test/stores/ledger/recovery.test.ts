import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { LedgerCorrupt } from "../../../src/stores/ledger/ledger-corrupt.ts";
import { BATCH, DONE, DRAW, SEAL } from "../../../src/stores/ledger/layout.ts";
import {
  encodeRecord,
  type LedgerRecord,
  parseRecord,
  type PlacedRecord,
  recordBytes,
} from "../../../src/stores/ledger/record.ts";
import { readDraw } from "../../../src/stores/ledger/read-draw.ts";
import { verifyDraw } from "../../../src/stores/ledger/verify.ts";
import { GROUP_BYTES } from "../../../src/limits.ts";
import type { TornTail } from "../../../src/store/bet-store.ts";
import type { Batch } from "../../../src/lottery/batch.ts";
import { batchesOf, batchOf, claimOf, scanned, submit, submitAll } from "../conformance/batches.ts";
import { MemoryDisk, randomFrom } from "../../support/disk-memory.ts";
import { DATA_DIR, openOn, segmentPath, segmentReady, summaryPath } from "./ledger-fixture.ts";

/** A ledger whose process was killed, with one flush for each list of batches. */
async function killedAfter(...flushes: readonly (readonly Batch[])[]): Promise<MemoryDisk> {
  const disk = new MemoryDisk();
  // The preparation of segments in the background notices that its disk is gone.
  const store = await openOn(disk, { onFailure: () => undefined });
  for (const batches of flushes) await submitAll(store, batches);
  return disk.powerCut();
}

function recordsIn(disk: MemoryDisk, segment = 1): PlacedRecord[] {
  const bytes = disk.bytesOf(segmentPath(segment));
  const records: PlacedRecord[] = [];
  for (let at = 32; ; ) {
    const parsed = parseRecord(bytes, at);
    if (parsed.kind !== "record") return records;
    records.push(parsed.record);
    at = parsed.record.end;
  }
}

describe("a ledger without its last segments", () => {
  it("P8 is refused by every reader, as long as there is a summary of them", async () => {
    const disk = new MemoryDisk();
    const store = await openOn(disk);
    let next = 1;
    while (!disk.paths.includes(segmentPath(5))) {
      if ((await submit(store, batchOf(1, next))).kind === "stored") next++;
      await new Promise(setImmediate);
    }
    await store.close();
    const used = [1, 2, 3, 4, 5].filter((number) => disk.paths.includes(summaryPath(number)));
    assert.ok(used.length > 2);
    const segments = disk.paths.filter((path) => path.endsWith(".seg")).toReversed();
    for (const path of segments) {
      await disk.remove(path);
      const left = disk.paths.filter((other) => other.endsWith(".seg")).length;
      if (left >= used.length) continue;
      const lost = { code: "LEDGER_CORRUPT", message: /the segment of this number/ };
      await assert.rejects(openOn(disk.clone()), lost);
      await assert.rejects(async () => {
        for await (const batch of readDraw(DATA_DIR, "1", disk)) void batch;
      }, lost);
      assert.match((await verifyDraw(DATA_DIR, "1", disk)).difference ?? "", lost.message);
    }
  });
});

async function recoveredSequences(disk: MemoryDisk): Promise<number[]> {
  const store = await openOn(disk);
  const sequences = (await scanned(store)).map(({ sequence }) => sequence);
  await store.close();
  return sequences;
}

async function expectCorrupt(disk: MemoryDisk, file: string, offset: number): Promise<void> {
  await assert.rejects(openOn(disk), (error: unknown) => {
    assert.ok(error instanceof LedgerCorrupt, String(error));
    assert.equal(error.code, "LEDGER_CORRUPT");
    assert.deepEqual([error.flaw.file, error.flaw.at], [file, { offset }]);
    assert.ok(error.message.includes(`${file} at byte ${offset}: expected`), error.message);
    return true;
  });
}

describe("P10 recovery", () => {
  it("puts a last flush on stable storage that a killed process left in the page cache", async () => {
    // Each sector that is not synced may survive a power cut or not.
    for (let lot = 0; lot < 20; lot++) {
      const disk = new MemoryDisk(randomFrom(lot));
      const killed = await openOn(disk, { onFailure: () => undefined });
      await submit(killed, batchOf(1, 1));
      disk.onStep = ({ kind, path }) =>
        kind === "write" && path === segmentPath(1) ? { kind: "unsynced" } : undefined;
      await submit(killed, batchOf(1, 2));
      // Another process reads what is still in the page cache, and tells agencies of it.
      const left = disk.kill();
      assert.deepEqual(await recoveredSequences(left), [1, 2]);
      assert.deepEqual(await recoveredSequences(left.powerCut()), [1, 2]);
    }
  });

  it("cuts a tail that is torn at any byte of the last three records", async () => {
    const whole = await killedAfter([batchOf(1, 1, 1)], batchesOf(1, 2, 4, 1));
    const records = recordsIn(whole);
    assert.equal(records.length, 4);
    const [, second] = records;
    const last = records.at(-1);
    assert.ok(second !== undefined && last !== undefined);
    for (let cut = second.at; cut < last.end; cut++) {
      for (const rest of [0, 0xa5]) {
        const disk = whole.clone();
        disk.bytesOf(segmentPath(1)).fill(rest, cut, last.end);
        const kept = records.filter(({ end }) => end <= cut);
        const place = `torn at byte ${cut}, ${rest} from there`;
        const store = await openOn(disk);
        const { length } = kept;
        assert.equal((await scanned(store)).length, length, place);
        const after = disk.bytesOf(segmentPath(1)).subarray(kept.at(-1)?.end);
        assert.ok(
          after.every((byte) => byte === 0),
          `${place}: zeros again`,
        );
        assert.equal((await submit(store, batchOf(1, length + 1, 1))).kind, "stored", place);
        await store.close();
        assert.equal((await recoveredSequences(disk)).length, length + 1, place);
      }
    }
  });

  it("cuts a flush of which only a later part reached the disk", async () => {
    const disk = await killedAfter([batchOf(1, 1)], batchesOf(1, 2, 4));
    const [, second] = recordsIn(disk);
    assert.ok(second !== undefined);
    disk.bytesOf(segmentPath(1)).fill(0, second.at, second.end);
    const tails: TornTail[] = [];
    const store = await openOn(disk, { onTornTail: (tail) => tails.push(tail) });
    assert.equal((await scanned(store)).length, 1);
    await store.close();
    assert.equal(tails.length, 1);
    assert.deepEqual([tails[0]?.file, tails[0]?.offset], [segmentPath(1), second.at]);
  });

  it("cuts no more than one flush writes, and nothing in the segment after it", async () => {
    const segmentBytes = 4 * 1024 * 1024;
    const first = new MemoryDisk();
    const store = await openOn(first, { segmentBytes, onFailure: () => undefined });
    await submit(store, batchOf(1, 1));
    await segmentReady(first, 2);
    const disk = first.kill();
    const end = recordsIn(disk).at(-1)?.end ?? 0;
    const torn = (bytes: number): MemoryDisk => {
      const harmed = disk.clone();
      harmed.bytesOf(segmentPath(1)).fill(0x5a, end, end + bytes);
      return harmed;
    };
    const tails: TornTail[] = [];
    const again = await openOn(torn(GROUP_BYTES), { onTornTail: (tail) => tails.push(tail) });
    await again.close();
    assert.deepEqual(tails, [{ file: segmentPath(1), offset: end, bytes: GROUP_BYTES }]);
    await expectCorrupt(torn(GROUP_BYTES + 1), segmentPath(1), end);
    const both = torn(10);
    both.bytesOf(segmentPath(2)).fill(0x5a, 100, 101);
    await expectCorrupt(both, segmentPath(1), end);
  });

  it("refuses damage in a flush that had ended, if a later flush is complete", async () => {
    const whole = await killedAfter([batchOf(1, 1)], batchesOf(1, 2, 3), [batchOf(1, 4)]);
    for (const { at, end } of recordsIn(whole).slice(0, 3)) {
      for (const position of [at, at + 4, at + 9, at + 40, end - 1]) {
        const disk = whole.clone();
        const bytes = disk.bytesOf(segmentPath(1));
        bytes[position] = (bytes[position] ?? 0) ^ 0x10;
        await expectCorrupt(disk, segmentPath(1), at);
      }
    }
  });

  it("refuses a record that was zeroed between two others", async () => {
    const disk = await killedAfter([batchOf(1, 1)], [batchOf(2, 1)], [batchOf(1, 2)]);
    const [, second] = recordsIn(disk);
    assert.ok(second !== undefined);
    disk.bytesOf(segmentPath(1)).fill(0, second.at, second.end);
    await expectCorrupt(disk, segmentPath(1), second.at);
  });

  it("refuses damage at the end of a segment if another segment follows", async () => {
    const disk = new MemoryDisk();
    const store = await openOn(disk, { segmentBytes: 2048, onFailure: () => undefined });
    for (const batch of batchesOf(1, 1, 20)) await submit(store, batch);
    const killed = disk.powerCut();
    for (const path of killed.paths) if (path.endsWith(".sum")) await killed.remove(path);
    const last = recordsIn(killed).at(-1);
    assert.ok(last !== undefined && recordsIn(killed, 2).length > 0);
    const damaged = killed.clone();
    damaged.bytesOf(segmentPath(1))[last.end - 1] = 0x58;
    await expectCorrupt(damaged, segmentPath(1), last.at);
  });

  it("P9 reads the segments after damage one by one, and none after the first proof", async () => {
    const disk = new MemoryDisk();
    const store = await openOn(disk, { segmentBytes: 2048, onFailure: () => undefined });
    for (const batch of batchesOf(1, 1, 40)) await submit(store, batch);
    const damaged = disk.powerCut();
    for (const path of damaged.paths) if (path.endsWith(".sum")) await damaged.remove(path);
    assert.ok(damaged.paths.includes(segmentPath(4)));
    damaged.bytesOf(segmentPath(1)).fill(0x58, 32);
    const opened = new Set<string>();
    const open = damaged.open.bind(damaged);
    damaged.open = (path, ...rest) => {
      opened.add(path);
      return open(path, ...rest);
    };
    await assert.rejects(openOn(damaged), {
      message: /a whole later record in .*00000002\.seg/,
    });
    assert.deepEqual(
      [...opened].filter((path) => path.endsWith(".seg")),
      [segmentPath(1), segmentPath(2)],
    );
  });

  it("does not take a segment for a shorter one when its last record is gone", async () => {
    // The record is in the same flush as the one before, and its agency sends nothing afterwards.
    const disk = new MemoryDisk();
    const store = await openOn(disk, { segmentBytes: 2048, onFailure: () => undefined });
    const size = recordBytes(batchOf(1, 1).lines.length);
    const fitting = Math.floor((2048 - 32) / size);
    for (const batch of batchesOf(1, 1, fitting - 2)) await submit(store, batch);
    await submitAll(store, [batchOf(1, fitting - 1), batchOf(2, 1)]);
    await submit(store, batchOf(1, fitting));
    const killed = disk.powerCut();
    await killed.remove(summaryPath(1));
    const last = recordsIn(killed).at(-1);
    assert.ok(last?.agency === 2 && last.groupOffset > 0);
    killed.bytesOf(segmentPath(1)).fill(0, last.at, last.end);
    await expectCorrupt(killed, segmentPath(2), 32);
  });

  it("refuses complete records that cannot follow, even at the end", async () => {
    const whole = await killedAfter([batchOf(1, 1)], [batchOf(1, 2)]);
    const last = recordsIn(whole).at(-1);
    assert.ok(last !== undefined);
    const { lines, ...next } = batchOf(2, 1);
    const head = claimOf(2, 1).head;
    const good: LedgerRecord = {
      ...next,
      kind: BATCH,
      group: last.group + 1,
      groupOffset: 0,
      head,
      body: lines,
    };
    const bad: Record<string, LedgerRecord> = {
      "another kind": { ...good, kind: 9 as typeof BATCH },
      "a flush left out": { ...good, group: good.group + 1 },
      "a flush that began elsewhere": { ...good, group: last.group, groupOffset: 40 },
      "a batch left out": { ...good, sequence: 2 },
      "no bets": { ...good, count: 0 },
      "another chain": { ...good, head: Buffer.alloc(32, 1) },
      "agency 0": { ...good, agency: 0 },
      "an agency too many": { ...good, agency: 3 },
      "a seal before everybody is done": { ...good, kind: SEAL },
      "a draw before the seal": { ...good, kind: DRAW },
      "a DONE with another count": { ...good, kind: DONE, sequence: 7 },
    };
    for (const [what, record] of Object.entries(bad)) {
      const disk = whole.clone();
      encodeRecord(record, disk.bytesOf(segmentPath(1)), last.end);
      await assert.rejects(openOn(disk), { code: "LEDGER_CORRUPT" }, what);
    }
    const disk = whole.clone();
    encodeRecord(good, disk.bytesOf(segmentPath(1)), last.end);
    assert.deepEqual(await recoveredSequences(disk), [1, 2, 1]);
  });

  it("refuses a segment that is missing, cut short, or not what its name says", async () => {
    const disk = new MemoryDisk();
    const store = await openOn(disk, { segmentBytes: 2048 });
    for (const batch of batchesOf(1, 1, 20)) await submit(store, batch);
    await store.close();
    const missing = disk.clone();
    await missing.remove(segmentPath(1));
    await assert.rejects(openOn(missing), { code: "LEDGER_CORRUPT", message: /a segment 1/ });
    const swapped = disk.clone();
    swapped.bytesOf(segmentPath(2)).copy(swapped.bytesOf(segmentPath(1)));
    await assert.rejects(openOn(swapped), { code: "LEDGER_CORRUPT", message: /header/ });
    const short = disk.clone();
    const file = await short.open(segmentPath(1), { mode: "write" });
    await file.truncate(1500);
    await assert.rejects(openOn(short), { code: "LEDGER_CORRUPT", message: /1500 bytes/ });
  });

  it("refuses an open draw whose seal.json says that it was sealed", async () => {
    const disk = await killedAfter([batchOf(1, 1)]);
    const file = await disk.open("/data/1/seal.json", { mode: "create" });
    await new Promise((resolve) => file.write(Buffer.from("{}"), 0, resolve));
    await assert.rejects(openOn(disk), { code: "LEDGER_CORRUPT", message: /seal\.json/ });
  });

  it("removes files that were not finished and never got their names", async () => {
    const disk = await killedAfter([batchOf(1, 1)]);
    for (const name of ["00000009.seg.tmp", "bets.csv.tmp", "seal.json.tmp", "00000001.sum.tmp"]) {
      await disk.open(`/data/1/${name}`, { mode: "create" });
    }
    const store = await openOn(disk);
    await store.close();
    assert.deepEqual(
      disk.paths.filter((path) => path.endsWith(".tmp")),
      [],
    );
  });

  it("leaves no file open", async () => {
    const disk = new MemoryDisk();
    for (let life = 0; life < 3; life++) {
      const store = await openOn(disk, { segmentBytes: 2048 });
      for (const batch of batchesOf(1, life * 20 + 1, life * 20 + 20)) await submit(store, batch);
      await scanned(store);
      await store.close();
      assert.equal(disk.openFiles, 0);
    }
  });
});
