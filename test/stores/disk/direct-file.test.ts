import assert from "node:assert/strict";
import fs from "node:fs";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { syncBuiltinESMExports } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, it, type TestContext } from "node:test";
import * as fc from "fast-check";
import { alignedBuffer, BLOCK_BYTES, isAligned } from "../../../src/stores/disk/aligned-memory.ts";
import { DirectFile } from "../../../src/stores/disk/direct-file.ts";
import type { DiskFile } from "../../../src/stores/disk/disk.ts";
import { writeFully } from "../../../src/stores/disk/disk-io.ts";
import { nodeDisk } from "../../../src/stores/disk/node-disk.ts";
import { seed, seedNote } from "../../support/seed.ts";
import { tempDir } from "../../support/temp-dir.ts";

const FILE_BYTES = 64 * BLOCK_BYTES;

function openForRecords(path: string): Promise<DiskFile> {
  return nodeDisk.open(path, { mode: "write", durable: true, overZeros: true });
}

/** A file of which one read returns at most so many bytes. */
async function openInBits(path: string, bytesMax: number): Promise<DiskFile> {
  const file = await nodeDisk.open(path, { mode: "write", durable: true });
  return {
    path,
    isNamed: () => file.isNamed(),
    size: () => file.size(),
    read: (into, position) => file.read(into.subarray(0, bytesMax), position),
    write: (bytes, position, done) => file.write(bytes, position, done),
    sync: () => file.sync(),
    truncate: (bytes) => file.truncate(bytes),
    close: () => file.close(),
  };
}

/** Bytes that show their own position. */
function marked(from: number, bytes: number): Buffer {
  return Buffer.from(Array.from({ length: bytes }, (_, at) => 1 + ((from + at) % 251)));
}

describe(`DirectFile (${seedNote})`, () => {
  it("leaves the same file as plain writes, however they are cut and whenever it is reopened", async () => {
    const dir = await mkdtemp(join(tmpdir(), "quiniela-direct-"));
    const step = fc.record({
      bytes: fc.oneof(fc.nat(300), fc.nat(3 * BLOCK_BYTES), fc.constant(BLOCK_BYTES)),
      reopen: fc.boolean(),
    });
    try {
      await fc.assert(
        fc.asyncProperty(fc.nat(200), fc.array(step, { maxLength: 12 }), async (start, steps) => {
          const path = join(dir, "segment");
          const expected = Buffer.alloc(FILE_BYTES);
          expected.set(marked(0, start));
          await writeFile(path, expected);
          let file = await openForRecords(path);
          let at = start;
          for (const { bytes, reopen } of steps) {
            const part = marked(at, bytes);
            await writeFully(file, part, at);
            expected.set(part, at);
            at += bytes;
            assert.ok(expected.equals(await readFile(path)), `after ${at} bytes`);
            if (!reopen) continue;
            await file.close();
            file = await openForRecords(path);
          }
          await file.close();
        }),
        { seed, numRuns: 60 },
      );
    } finally {
      await rm(dir, { recursive: true });
    }
  });

  it("goes on after a short write", async (t) => {
    const path = join(await tempDir(t), "segment");
    await writeFile(path, Buffer.alloc(FILE_BYTES));
    const file = await openForRecords(path);
    t.after(() => file.close());
    await writeFully(file, marked(0, 5000), 0);
    // As if only 1,000 of those bytes had been taken.
    await writeFully(file, marked(1000, 6000), 1000);
    const bytes = await readFile(path);
    assert.deepEqual(bytes.subarray(0, 7000), marked(0, 7000));
    assert.equal(
      bytes.findIndex((byte, at) => at >= 7000 && byte !== 0),
      -1,
    );
  });

  it("changes nothing before its bytes, even if the system reads less than it was asked for", async (t) => {
    const path = join(await tempDir(t), "segment");
    const before = Buffer.alloc(FILE_BYTES);
    before.set(marked(0, 3000));
    await writeFile(path, before);
    const file = await DirectFile.over(await openInBits(path, 7));
    t.after(() => file.close());
    await writeFully(file, marked(3000, 50), 3000);
    assert.deepEqual((await readFile(path)).subarray(0, 3050), marked(0, 3050));
    const error = writeFully(file, marked(0, 1), FILE_BYTES + 1);
    await assert.rejects(error, { message: `${path} ends at byte ${FILE_BYTES}` });
  });

  it("writes more bytes than its buffer has, in parts", async (t) => {
    const path = join(await tempDir(t), "segment");
    const fileBytes = 4 * 1024 * 1024;
    await writeFile(path, Buffer.alloc(fileBytes));
    const file = await openForRecords(path);
    t.after(() => file.close());
    const bytes = marked(0, 2_500_001);
    await writeFully(file, bytes, 33);
    const stored = await readFile(path);
    assert.ok(bytes.equals(stored.subarray(33, 33 + bytes.length)));
    assert.equal(stored.length, fileBytes);
  });

  it("uses aligned memory without a copy", async (t) => {
    const path = join(await tempDir(t), "segment");
    const file = await nodeDisk.open(path, { mode: "create", durable: true, overZeros: true });
    t.after(() => file.close());
    const zeros = alignedBuffer(2 * BLOCK_BYTES);
    assert.ok(isAligned(zeros, BLOCK_BYTES));
    assert.ok(!isAligned(zeros, 1));
    assert.ok(!isAligned(zeros.subarray(1), 0));
    assert.ok(!isAligned(Buffer.alloc(BLOCK_BYTES), 0));
    await writeFully(file, zeros, 0);
    await writeFully(file, zeros, 2 * BLOCK_BYTES);
    assert.deepEqual(await readFile(path), Buffer.alloc(4 * BLOCK_BYTES));
  });

  it("does not make a file longer if it does not end with a block", async (t) => {
    const path = join(await tempDir(t), "segment");
    await writeFile(path, Buffer.alloc(2048));
    const file = await openForRecords(path);
    t.after(() => file.close());
    await writeFully(file, marked(32, 100), 32);
    assert.equal(await file.size(), 2048);
  });

  it("writes through the cache after the disk has refused a direct write", async (t) => {
    const path = join(await tempDir(t), "segment");
    await writeFile(path, Buffer.alloc(FILE_BYTES));
    const file = await openForRecords(path);
    t.after(() => file.close());
    await writeFully(file, marked(0, 10), 0);
    const refusal = Object.assign(new Error("invalid argument"), { code: "EINVAL" });
    failNextWrite(t, refusal);
    await writeFully(file, marked(10, 5000), 10);
    await writeFully(file, marked(5010, 90), 5010);
    assert.deepEqual((await readFile(path)).subarray(0, 5100), marked(0, 5100));
  });

  it("reports every other failure", async (t) => {
    const path = join(await tempDir(t), "segment");
    await writeFile(path, Buffer.alloc(FILE_BYTES));
    const file = await openForRecords(path);
    t.after(() => file.close());
    const failure = Object.assign(new Error("i/o error"), { code: "EIO" });
    failNextWrite(t, failure);
    await assert.rejects(writeFully(file, marked(0, 10), 0), failure);
  });
});

/** Makes the system refuse one write. */
function failNextWrite(t: TestContext, error: Error): void {
  const write = fs.write;
  const restore = (): void => {
    fs.write = write;
    syncBuiltinESMExports();
  };
  t.after(restore);
  const fail = (...args: readonly unknown[]): void => {
    restore();
    const done = args.at(-1) as (error: Error, written: number) => void;
    setImmediate(() => done(error, 0));
  };
  fs.write = fail as typeof fs.write;
  syncBuiltinESMExports();
}
