import assert from "node:assert/strict";
import { EventEmitter, once } from "node:events";
import { describe, it } from "node:test";
import { crc32 } from "node:zlib";
import type { Batch } from "../../../src/lottery/batch.ts";
import { encodeLines } from "../../../src/lottery/canonical-line.ts";
import { documentsIn } from "../../../src/lottery/winners.ts";
import type { Disk } from "../../../src/stores/disk/disk.ts";
import type { BetStore } from "../../../src/store/bet-store.ts";
import { agency, submit, tell, WINNING_NUMBER } from "../conformance/batches.ts";
import { MemoryDisk } from "../../support/disk-memory.ts";
import { documentsOf } from "../../support/documents.ts";
import { DRAW_DIR, eventually, openOn, segmentPath, summaryPath } from "./ledger-fixture.ts";

const SEGMENT_BYTES = 256 * 1024;

describe("winners that are read back from segments", () => {
  it("P8 stop the store when a record with winners is damaged, and the rest is told to nobody", async () => {
    const disk = new MemoryDisk();
    const failures: Error[] = [];
    const store = await openOn(disk, { onFailure: (error) => failures.push(error) });
    for (const sequence of [1, 2, 3]) await submit(store, winning(1, sequence, 2));
    const bytes = disk.bytesOf(segmentPath(1));
    const at = bytes.indexOf("1002000");
    bytes[at] = 0x39;
    for (const of of [1, 2]) await store.done(agency(of));
    await store.performDraw(tell);
    const winners = await store.winners(agency(1));
    assert.equal(winners.count, 6);
    const told: string[] = [];
    const telling = (async () => {
      for await (const block of winners.blocks()) told.push(...documentsIn(block));
    })();
    const corrupt = { code: "LEDGER_CORRUPT", message: /00000001\.seg at byte \d+/ };
    await assert.rejects(telling, corrupt);
    assert.deepEqual(told, ["1001000", "1001001"]);
    assert.equal(failures.length, 1);
    await assert.rejects(store.winners(agency(2)), corrupt);
    await store.close();
    assert.equal(disk.openFiles, 0);
  });

  it("P8 are not told when other records are at their places", async () => {
    const disk = new MemoryDisk();
    const failures: Error[] = [];
    const onFailure = (error: Error): void => void failures.push(error);
    const store = await openOn(disk, { onFailure });
    await submit(store, winning(1, 1, 2));
    await submit(store, winning(2, 1, 2));
    const bytes = disk.bytesOf(segmentPath(1));
    // Two complete records of the same size change places.
    const size = 8 + bytes.readUInt32BE(32);
    const first = Buffer.from(bytes.subarray(32, 32 + size));
    bytes.copy(bytes, 32, 32 + size, 32 + 2 * size);
    first.copy(bytes, 32 + size);
    for (const of of [1, 2]) await store.done(agency(of));
    await store.performDraw(tell);
    await assert.rejects(
      async () => documentsOf(await store.winners(agency(1))),
      /at byte 32: expected a batch of agency 1 with winning bets, found a record of kind 1, of agency 2/,
    );
    assert.equal(failures.length, 1);
    await store.close();
  });

  it("come from records of any size, even larger than one read", async () => {
    const disk = new MemoryDisk();
    const store = await openOn(disk, { segmentBytes: SEGMENT_BYTES });
    const sizes = [1, 3000, 2, 1500, 1];
    for (const [index, size] of sizes.entries()) {
      await submit(store, winning(1, index + 1, size));
    }
    await draw(store);
    const expected = sizes.flatMap((size, index) => documentsAt(1, index + 1, size));
    assert.deepEqual(await documentsOf(await store.winners(agency(1))), expected);
    await store.close();
  });

  it("are read to the end of a piece before the store is closed", async () => {
    const disk = new MemoryDisk();
    const store = await openOn(disk);
    await submit(store, winning(1, 1, 3));
    await draw(store, 2);
    await eventually("the files", () => disk.paths.includes(`${DRAW_DIR}/seal.json`));
    const open = disk.open.bind(disk);
    const gate = new EventEmitter();
    let reached = false;
    disk.open = async (...file) => {
      reached = true;
      await once(gate, "open");
      return open(...file);
    };
    const reading = (async () => {
      for await (const block of (await store.winners(agency(1))).blocks()) void block;
    })();
    await eventually("it is about to read", () => reached);
    const closing = store.close();
    disk.open = open;
    gate.emit("open");
    await assert.rejects(reading, { code: "STORE_CLOSED" });
    await closing;
    assert.equal(disk.openFiles, 0);
  });

  it("P9 are read with few files, however many ask, and these are closed with the store", async () => {
    const disk = new MemoryDisk();
    const store = await openOn(disk, { agencies: 40 });
    for (let sequence = 1; sequence <= 5; sequence++) {
      for (let of = 1; of <= 40; of++) await submit(store, winning(of, sequence, 3));
    }
    await draw(store, 40);
    await eventually("the files", () => disk.paths.includes(`${DRAW_DIR}/seal.json`));
    const base = disk.openFiles;
    let most = 0;
    await Promise.all(
      Array.from({ length: 40 }, async (_, index) => {
        const expected = [1, 2, 3, 4, 5].flatMap((sequence) => documentsAt(index + 1, sequence, 3));
        const told: string[] = [];
        const winners = await store.winners(agency(index + 1));
        for await (const block of winners.blocks()) {
          told.push(...documentsIn(block));
          most = Math.max(most, disk.openFiles);
          await new Promise(setImmediate);
        }
        assert.deepEqual(told, expected);
      }),
    );
    assert.ok(most - base <= 4, `${most} files, ${base} before`);
    await store.close();
    assert.equal(disk.openFiles, 0);
  });

  it("wait until the process may open a file", async () => {
    const disk = new MemoryDisk();
    const store = await openOn(disk);
    await submit(store, winning(1, 1, 2));
    await draw(store);
    await eventually("the files", () => disk.paths.includes(`${DRAW_DIR}/seal.json`));
    let refused = 0;
    const open: Disk["open"] = disk.open.bind(disk);
    disk.open = (path, options) => {
      if (refused === 2) return open(path, options);
      refused++;
      return Promise.reject(Object.assign(new Error("EMFILE"), { code: "EMFILE" }));
    };
    const told = await documentsOf(await store.winners(agency(1)));
    assert.deepEqual(told, documentsAt(1, 1, 2));
    assert.equal(refused, 2);
    await store.close();
  });

  it("are found again by a start that replaced the summaries of an older version", async () => {
    const disk = new MemoryDisk();
    const first = await openOn(disk);
    for (let sequence = 1; sequence <= 60; sequence++) await submit(first, winning(1, sequence, 3));
    await eventually("a summary", () => disk.paths.includes(summaryPath(1)));
    await first.close();
    const whole = Buffer.from(disk.bytesOf(summaryPath(1)));
    const { length } = whole;
    // A summary of version 2 with a right checksum.
    const older = Buffer.from(whole);
    older.writeUInt32BE(2, 8);
    older.writeUInt32BE(crc32(older.subarray(0, length - 4)), length - 4);
    older.copy(disk.bytesOf(summaryPath(1)));
    const second = await openOn(disk);
    assert.ok(disk.bytesOf(summaryPath(1)).equals(whole));
    await draw(second);
    const expected = Array.from({ length: 60 }, (_, index) => documentsAt(1, index + 1, 3)).flat();
    assert.deepEqual(await documentsOf(await second.winners(agency(1))), expected);
    await second.close();
  });
});

/** A batch in which all bets win. */
function winning(of: number, sequence: number, count: number): Batch {
  const bets = documentsAt(of, sequence, count).map((document) => ({
    agency: agency(of),
    firstName: "Ana",
    lastName: "Paz",
    document,
    birthdate: "1990-01-31",
    number: WINNING_NUMBER,
  }));
  return { agency: agency(of), sequence, count, lines: encodeLines(bets) };
}

function documentsAt(of: number, sequence: number, count: number): string[] {
  const first = of * 1_000_000 + sequence * 1000;
  return Array.from({ length: count }, (_, index) => String(first + index));
}

async function draw(store: BetStore, agencies = 2): Promise<void> {
  for (let of = 1; of <= agencies; of++) await store.done(agency(of));
  await store.performDraw(tell);
}
