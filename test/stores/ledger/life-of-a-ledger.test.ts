import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { drawDirectory, encodeDrawName } from "../../../src/stores/ledger/draw-directory.ts";
import { listDraws } from "../../../src/stores/ledger/held-draws.ts";
import { openLedger } from "../../../src/stores/ledger/ledger.ts";
import { encodeSegmentHeader } from "../../../src/stores/ledger/segment-image.ts";
import { verifyDraw } from "../../../src/stores/ledger/verify.ts";
import type { Publication } from "../../../src/store/bet-store.ts";
import {
  agency,
  batchesOf,
  batchOf,
  linesOf,
  submit,
  submitAll,
  WINNING_NUMBER,
  tell,
} from "../conformance/batches.ts";
import { FakeClock } from "../../support/fake-clock.ts";
import { MemoryDisk, noLock } from "../../support/disk-memory.ts";
import {
  DATA_DIR,
  DRAW_DIR,
  eventually,
  openOn,
  segmentPath,
  segmentReady,
} from "./ledger-fixture.ts";

const filesOf = (disk: MemoryDisk, suffix: string): string[] =>
  disk.paths.filter((path) => path.endsWith(suffix));

describe("a data directory", () => {
  it("has many draws, each in a directory with a safe name", async () => {
    const disk = new MemoryDisk();
    const draws = ["1", "navidad 2026", "../../etc", "Ñandú/á", ".", "x".repeat(300), ""];
    for (const draw of draws) {
      const store = await openOn(disk, { draw });
      assert.equal((await submit(store, batchOf(1, 1))).kind, "stored");
      await store.close();
    }
    const directories = draws.map((draw) => drawDirectory(DATA_DIR, draw));
    assert.equal(new Set(directories).size, draws.length);
    for (const directory of directories) {
      assert.match(directory, /^\/data\/[\w%~-][\w%~.-]{0,199}$/);
    }
    disk.list = () => Promise.resolve(directories.map((directory) => directory.slice(6)));
    assert.deepEqual(await listDraws(DATA_DIR, disk), draws.toSorted());
  });

  it("gives different names to long draws that begin alike", () => {
    const [one, two] = ["1", "2"].map((end) => encodeDrawName("ñ".repeat(200) + end));
    assert.notEqual(one, two);
  });
});

describe("prepared segments", () => {
  it("stay for the next start while the draw is open, and are removed when it is drawn", async () => {
    const disk = new MemoryDisk();
    const first = await openOn(disk);
    await submit(first, batchOf(1, 1));
    await segmentReady(disk, 3);
    await first.close();
    assert.equal(filesOf(disk, ".seg").length, 3);

    const second = await openOn(disk);
    for (const of of [1, 2]) await second.done(agency(of));
    assert.equal(filesOf(disk, ".seg").length, 3);
    await second.performDraw(tell);
    await second.close();
    assert.equal(filesOf(disk, ".seg").length, 1);
    assert.equal(disk.openFiles, 0);
    await (await openOn(disk)).close();
    assert.equal(filesOf(disk, ".seg").length, 1);
  });

  it("may be larger or smaller than those before them", async () => {
    const disk = new MemoryDisk();
    for (const [life, segmentBytes] of [2048, 8192, 4096].entries()) {
      const store = await openOn(disk, { segmentBytes });
      for (const batch of batchesOf(1, life * 60 + 1, life * 60 + 60)) {
        while ((await submit(store, batch)).kind === "busy") await new Promise(setImmediate);
      }
      await store.close();
    }
    const sizes = filesOf(disk, ".seg").map((path) => disk.bytesOf(path).length);
    assert.deepEqual([...new Set(sizes)], [2048, 8192, 4096]);
    const store = await openOn(disk);
    assert.equal(
      await linesOf(store),
      Buffer.concat(batchesOf(1, 1, 180).map(({ lines }) => lines)).toString("utf8"),
    );
    await store.close();
  });

  it("must be of a size that makes sense", async () => {
    for (const segmentBytes of [100, 64 * 1024 * 1024]) {
      await assert.rejects(openOn(new MemoryDisk(), { segmentBytes }), RangeError);
    }
  });
});

describe("P5 the end of a draw", () => {
  it("is finished by the next start if the stop came in the middle of bets.csv", async () => {
    const disk = new MemoryDisk();
    const clock = new FakeClock();
    const told: Publication[] = [];
    const onPublication = (publication: Publication): void => void told.push(publication);
    const first = await openOn(disk, { clock, onPublication });
    await submitAll(first, batchesOf(1, 1, 5));
    for (const of of [1, 2]) await first.done(agency(of));
    const open = disk.open.bind(disk);
    const held: (() => void)[] = [];
    disk.open = async (path, how) => {
      if (path.endsWith("bets.csv.tmp")) await new Promise<void>((resolve) => held.push(resolve));
      return open(path, how);
    };
    assert.deepEqual(await first.performDraw(tell), { performed: true });
    await eventually("bets.csv is begun", () => held.length > 0);
    const stopped = first.close(700);
    await eventually("closing waits for it", () => clock.timers > 0);
    clock.advance(699);
    assert.equal(clock.timers, 1, "as long as it was told to");
    // It takes longer than the time of a central's stop.
    clock.advance(1);
    disk.open = open;
    for (const release of held) release();
    await stopped;
    assert.deepEqual([filesOf(disk, "bets.csv"), filesOf(disk, ".tmp")], [[], []]);
    assert.deepEqual(told, [{ kind: "postponed" }]);

    const second = await openOn(disk, { onPublication });
    assert.equal(await second.state(), "drawn");
    assert.deepEqual(told.slice(1), [{ kind: "written", dir: DRAW_DIR }]);
    const lines = batchesOf(1, 1, 5).map((batch) => batch.lines);
    assert.deepEqual(disk.bytesOf(`${DRAW_DIR}/bets.csv`), Buffer.concat(lines));
    assert.deepEqual(await second.performDraw(tell), { performed: false });
    await second.close();
  });

  it("has its files if the stop leaves the time for them", async () => {
    const disk = new MemoryDisk();
    const store = await openOn(disk, { clock: new FakeClock() });
    await submitAll(store, batchesOf(1, 1, 5));
    for (const of of [1, 2]) await store.done(agency(of));
    await store.performDraw(tell);
    assert.deepEqual(filesOf(disk, "seal.json"), []);
    await store.close();
    assert.equal(filesOf(disk, "seal.json").length, 1);
    assert.equal((await verifyDraw(DATA_DIR, "1", disk)).difference, undefined);
  });

  it("says that the next start will write the files of a draw without them", async () => {
    const disk = new MemoryDisk();
    const store = await openOn(disk);
    for (const of of [1, 2]) await store.done(agency(of));
    await store.performDraw(tell);
    const { files, difference } = await verifyDraw(DATA_DIR, "1", disk.kill());
    assert.deepEqual({ files, difference }, { files: "pending", difference: undefined });
  });

  it("has its files again after they were removed", async () => {
    const disk = new MemoryDisk();
    const first = await openOn(disk);
    await submitAll(first, batchesOf(1, 1, 5));
    for (const of of [1, 2]) await first.done(agency(of));
    await first.performDraw(tell);
    await first.close();
    const files = [`${DRAW_DIR}/bets.csv`, `${DRAW_DIR}/seal.json`];
    const before = files.map((path) => disk.bytesOf(path));
    await disk.remove(files[0] as string);
    await (await openOn(disk)).close();
    assert.deepEqual(
      files.map((path) => disk.bytesOf(path)),
      before,
    );
  });

  it("is told once more if an earlier version kept no record of that and left no room", async () => {
    const disk = new MemoryDisk();
    await drawUntold(disk);
    await fillToTheEnd(disk);
    const second = await openOn(disk);
    assert.equal(filesOf(disk, ".seg").length, 2);
    const told: boolean[] = [];
    await second.performDraw(({ recovered }) => {
      told.push(recovered);
      return Promise.resolve(true);
    });
    await second.close();
    assert.deepEqual(told, [true]);
    const after = disk.powerCut();
    const third = await openOn(after);
    assert.equal(await third.state(), "drawn");
    await third.close();
    const { difference, tornTail, files } = await verifyDraw(DATA_DIR, "1", after);
    assert.deepEqual([difference, tornTail, files], [undefined, undefined, "done"]);
  });

  it("tells its winners even if a full disk has no room for that record", async () => {
    const disk = new MemoryDisk();
    await drawUntold(disk);
    await fillToTheEnd(disk);
    disk.capacityBytes = disk.paths.reduce((sum, path) => sum + disk.bytesOf(path).length, 0);
    for (let life = 1; life <= 2; life++) {
      const store = await openOn(disk);
      assert.equal(await store.state(), "sealed", "told again in every life");
      await store.performDraw(tell);
      assert.equal(await store.state(), "drawn");
      await store.winners(agency(1));
      await store.close();
      assert.equal(filesOf(disk, ".seg").length, 1);
    }
  });

  it("P4 is not taken back by a seal.json of another draw", async () => {
    const disk = new MemoryDisk();
    const store = await openOn(disk);
    for (const of of [1, 2]) await store.done(agency(of));
    await store.performDraw(tell);
    await store.close();
    const seal = disk.bytesOf(`${DRAW_DIR}/seal.json`);
    const text = seal.toString("utf8");
    const at = text.indexOf('"seal": "') + 9;
    seal.write(text[at] === "0" ? "1" : "0", at);
    await assert.rejects(openOn(disk), { code: "LEDGER_CORRUPT", message: /seal\.json/ });
  });
});

/** A draw of an earlier version: drawn, with its files, and without a record that it was told. */
async function drawUntold(disk: MemoryDisk): Promise<void> {
  const store = await openOn(disk);
  await submitAll(store, batchesOf(1, 1, 5));
  for (const of of [1, 2]) await store.done(agency(of));
  await store.performDraw(() => Promise.resolve(false));
  await store.close();
  assert.deepEqual(filesOf(disk, ".seg"), [segmentPath(1)]);
}

/** Leaves the first segment as large as its records are. */
async function fillToTheEnd(disk: MemoryDisk): Promise<void> {
  const bytes = disk.bytesOf(segmentPath(1));
  const end = bytes.length - [...bytes].toReversed().findIndex((byte) => byte !== 0);
  const whole = Buffer.from(bytes.subarray(0, end));
  encodeSegmentHeader(1, end).copy(whole);
  const file = await disk.open(segmentPath(1), { mode: "create" });
  await new Promise((resolve) => file.write(whole, 0, resolve));
  await file.sync();
  await file.close();
}

describe("a batch", () => {
  it("that fits into no buffer is the caller's error, and does no harm", async () => {
    const disk = new MemoryDisk();
    const store = await openOn(disk, { segmentBytes: 16_384, groupBytes: 4096 });
    const huge = { ...batchOf(1, 1), lines: Buffer.alloc(5000, 0x61) };
    assert.throws(() => store.submit(huge, () => assert.fail()), RangeError);
    assert.throws(() => store.submit(batchOf(3, 1), () => assert.fail()), RangeError);
    assert.equal((await submit(store, batchOf(1, 1))).kind, "stored");
    await store.close();
  });

  it("cannot be stored in a folder that cannot be made or read, because nothing is opened", async () => {
    const disk = new MemoryDisk();
    disk.makeDir = () =>
      Promise.reject(Object.assign(new Error("EACCES: permission denied"), { code: "EACCES" }));
    const options = { dir: DATA_DIR, draw: "1", winningNumber: WINNING_NUMBER, agencies: 2 };
    await assert.rejects(openLedger({ ...options, disk, lock: noLock, onFailure: assert.fail }), {
      code: "STORE_UNUSABLE",
      message: "Cannot use /data/1: EACCES: permission denied",
    });
  });
});
