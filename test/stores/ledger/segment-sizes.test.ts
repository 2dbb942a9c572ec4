import assert from "node:assert/strict";
import { describe, it } from "node:test";
import * as fc from "fast-check";
import {
  ACT_RECORD_BYTES_MAX,
  CONTROL_RECORD_BYTES_MAX,
  RECORD_HEADER_BYTES,
  SEGMENT_BYTES,
  SEGMENT_BYTES_MIN,
  SEGMENT_HEADER_BYTES,
} from "../../../src/stores/ledger/layout.ts";
import { segmentSizes } from "../../../src/stores/ledger/segment-chain.ts";
import { GROUP_BYTES } from "../../../src/limits.ts";
import { agency, batchesOf, batchOf, scanned, submit, submitAll } from "../conformance/batches.ts";
import { MemoryDisk } from "../../support/disk-memory.ts";
import { eventually, openOn, segmentPath } from "./ledger-fixture.ts";

const KIB = 1024;
const usual = {
  segmentBytes: SEGMENT_BYTES,
  groupBytes: GROUP_BYTES,
  batchBytesMax: 256 * KIB,
  agencies: 5,
};

const bytesOn = (disk: MemoryDisk): number =>
  disk.paths.reduce((sum, path) => sum + disk.bytesOf(path).length, 0);

describe("the sizes of segments", () => {
  it("double from 512 KiB to 16 MiB, and stay there", () => {
    const { ofSegment } = segmentSizes(usual);
    const sizes = [1, 2, 3, 4, 5, 6, 7, 1000, 99_999_999].map(ofSegment);
    assert.deepEqual(
      sizes.map((bytes) => bytes / KIB),
      [512, 1024, 2048, 4096, 8192, 16_384, 16_384, 16_384, 16_384],
    );
  });

  it("give every segment room for any record, and the first one also for the reserve", () => {
    const sizes = fc.record({
      segmentBytes: fc.integer({ min: SEGMENT_BYTES_MIN, max: SEGMENT_BYTES }),
      groupBytes: fc.integer({ min: 1024, max: GROUP_BYTES }),
      batchBytesMax: fc.integer({ min: 1, max: GROUP_BYTES }),
      agencies: fc.integer({ min: 0, max: 100_000 }),
    });
    fc.assert(
      fc.property(sizes, fc.integer({ min: 1, max: 50 }), (options, number) => {
        const { ofSegment, recordBytesMax, marginBytes, reserveBytes } = segmentSizes(options);
        const bytes = ofSegment(number);
        const { segmentBytes, batchBytesMax } = options;
        const longest = Math.min(
          batchBytesMax + RECORD_HEADER_BYTES + SEGMENT_HEADER_BYTES,
          segmentBytes,
        );
        assert.ok(bytes >= longest && bytes <= segmentBytes && bytes >= ofSegment(1));
        assert.ok(bytes - SEGMENT_HEADER_BYTES >= recordBytesMax);
        const beside = segmentBytes - SEGMENT_HEADER_BYTES - RECORD_HEADER_BYTES - batchBytesMax;
        assert.ok(reserveBytes <= Math.max(segmentBytes / 4, beside));
        const least = reserveBytes + Math.max(RECORD_HEADER_BYTES + batchBytesMax, marginBytes);
        assert.ok(ofSegment(1) >= Math.min(SEGMENT_HEADER_BYTES + least, segmentBytes));
      }),
    );
  });

  it("keep room for the DONEs of 100,000 agencies and four acts, besides the longest batches", () => {
    const options = { ...usual, agencies: 100_000, batchBytesMax: GROUP_BYTES };
    const { reserveBytes } = segmentSizes(options);
    assert.equal(reserveBytes, 100_003 * CONTROL_RECORD_BYTES_MAX + 4 * ACT_RECORD_BYTES_MAX);
  });
});

describe("an open draw", () => {
  it("takes half a megabyte of the disk until it gets a record, also after a restart", async () => {
    const disk = new MemoryDisk();
    for (const life of [1, 2]) {
      const store = await openOn(disk, usual);
      for (let turns = 0; turns < 100; turns++) await new Promise(setImmediate);
      assert.equal(store.congested, false);
      assert.ok(bytesOn(disk) <= 513 * KIB, `${bytesOn(disk)} bytes in life ${life}`);
      assert.deepEqual(disk.paths, ["/data/1/00000001.seg", "/data/1/draw.json"]);
      await store.close();
    }
    const store = await openOn(disk, usual);
    await submit(store, batchOf(1, 1));
    await eventually("two are ready", () => disk.paths.includes(segmentPath(3)));
    await store.close();
  });

  it("removes empty segments that are too small for the batches that may come now", async () => {
    const disk = new MemoryDisk();
    const first = await openOn(disk, { ...usual, segmentBytes: 4096 });
    await submit(first, batchOf(1, 1));
    await eventually("segment 3", () => disk.paths.includes(segmentPath(3)));
    await first.close();
    const second = await openOn(disk, { ...usual, batchBytesMax: 1024 * KIB });
    const { lines, count, ...batch } = batchOf(1, 2);
    const long = Buffer.concat(Array.from({ length: 8000 }, () => lines));
    const verdict = await new Promise<string>((resolve) => {
      const attempt = (): void =>
        second.submit({ ...batch, count: count * 8000, lines: long }, ({ kind }) => {
          if (kind === "busy") setImmediate(attempt);
          else resolve(kind);
        });
      attempt();
    });
    assert.equal(verdict, "stored");
    await second.close();
    const third = await openOn(disk, usual);
    assert.equal((await third.standing(agency(1))).nextSequence, 3);
    await third.close();
  });

  it("is never busy for a sender that waits for room, from the first batch on", async () => {
    const disk = new MemoryDisk();
    const store = await openOn(disk, { ...usual, segmentBytes: 16_384, groupBytes: 16_384 });
    for (let next = 1; next < 2000; next += 4) {
      if (store.congested) await new Promise<void>((resolve) => store.whenRoom(resolve));
      const verdicts = await submitAll(store, batchesOf(1, next, next + 3));
      assert.ok(verdicts.every(({ kind }) => kind === "stored"));
    }
    assert.equal((await scanned(store)).length, 2000);
    await store.close();
  });
});
