import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { Publication } from "../../../src/store/bet-store.ts";
import type { Delay } from "../../../src/store/bet-store.ts";
import { agency, batchesOf, batchOf, submit, submitAll, tell } from "../conformance/batches.ts";
import { FakeClock } from "../../support/fake-clock.ts";
import { type DiskStep, MemoryDisk } from "../../support/disk-memory.ts";
import { DRAW_DIR, eventually, openOn, segmentPath, segmentReady } from "./ledger-fixture.ts";

/** Shortages of a system that may be over in a moment. */
const SHORTAGES = [
  "EMFILE",
  "ENFILE",
  "ENOMEM",
  "ENOBUFS",
  "EAGAIN",
  "EINTR",
  "ENOSPC",
  "EDQUOT",
] as const;

const ofSegment2 = ({ path }: DiskStep): boolean => path.includes("00000002.seg");

describe("P8 a shortage during the preparation of files", () => {
  for (const code of SHORTAGES) {
    it(`ends nothing if it is ${code}: batches are busy, and go on when it is over`, async () => {
      const disk = new MemoryDisk();
      const clock = new FakeClock();
      const delays: Delay[] = [];
      const store = await openOn(disk, { clock, onDelay: (delay) => delays.push(delay) });
      disk.onStep = (step) => (ofSegment2(step) ? { kind: "error", code } : undefined);
      await submit(store, batchOf(1, 1));
      await eventually("it waits", () => clock.timers > 0);
      const what = "prepare a segment";
      const waits = { kind: "waits", what, reason: `${code}: ${DRAW_DIR}/00000002.seg.tmp` };
      assert.deepEqual(delays, [waits]);
      let next = 2;
      while ((await submit(store, batchOf(1, next))).kind === "stored") next++;
      assert.deepEqual(await submit(store, batchOf(1, next)), { kind: "busy", retryAfterMs: 1000 });
      assert.equal(store.congested, false, "an answer is due: nobody is to wait for room");
      clock.advance(1000);
      await eventually("it is tried again", () => clock.timers > 0);
      assert.deepEqual(delays, [waits, waits], "reported once a second");

      disk.onStep = () => undefined;
      clock.advance(1000);
      await segmentReady(disk, 2);
      await eventually("it is over", () => delays.length > 2);
      assert.deepEqual(delays[2], { kind: "over", what });
      assert.equal((await submit(store, batchOf(1, next))).kind, "stored");
      await store.close();
      assert.equal(disk.openFiles, 0);
    });
  }

  it("leaves a sound segment, whichever step of its making it hits", async () => {
    for (let at = 1, met = true; met; at++) {
      const disk = new MemoryDisk();
      const clock = new FakeClock();
      const store = await openOn(disk, { clock });
      let steps = 0;
      disk.onStep = (step) => {
        const counts = ofSegment2(step) || (steps > 0 && step.kind === "syncDir");
        return counts && ++steps === at ? { kind: "error", code: "EMFILE" } : undefined;
      };
      await submit(store, batchOf(1, 1));
      await eventually("both segments ahead", () => {
        clock.advance(1000);
        return disk.paths.includes(segmentPath(3));
      });
      met = steps >= at;
      disk.onStep = () => undefined;
      let next = 2;
      for (; next < 60; next++) {
        if ((await submit(store, batchOf(1, next))).kind === "busy") break;
      }
      await store.close();
      const again = await openOn(disk.clone());
      assert.equal((await again.standing(agency(1))).nextSequence, next, `step ${at}`);
      await again.close();
    }
  });

  it("is a failure if batches wait for the write", async () => {
    for (const code of SHORTAGES) {
      const disk = new MemoryDisk();
      const failures: Error[] = [];
      const store = await openOn(disk, { onFailure: (error) => failures.push(error) });
      disk.onStep = ({ path }) => (path.endsWith("1.seg") ? { kind: "error", code } : undefined);
      store.submit(batchOf(1, 1), () => assert.fail("it was not stored"));
      await assert.rejects(store.standing(agency(1)), { code: "STORE_FAILED" });
      await store.close();
      assert.equal(failures.length, 1, code);
    }
  });

  it("delays the last DONE, and the seal follows when the files can be checked again", async () => {
    const disk = new MemoryDisk();
    const delays: Delay[] = [];
    const store = await openOn(disk, { onDelay: (delay) => delays.push(delay) });
    await submit(store, batchOf(1, 1));
    await store.done(agency(1));
    const list = disk.list.bind(disk);
    disk.list = () => Promise.reject(Object.assign(new Error("EMFILE: list"), { code: "EMFILE" }));
    assert.equal((await store.done(agency(2))).kind, "busy");
    assert.equal(await store.state(), "open");
    disk.list = list;
    assert.equal((await store.done(agency(2))).kind, "done");
    assert.equal(await store.state(), "sealed");
    assert.deepEqual(
      delays.map(({ kind }) => kind),
      ["waits", "over"],
    );
    await store.close();
  });

  it("does not delay a close of the store", async () => {
    const disk = new MemoryDisk();
    const clock = new FakeClock();
    const told: Publication[] = [];
    const store = await openOn(disk, { clock, onPublication: (one) => told.push(one) });
    for (const of of [1, 2]) await store.done(agency(of));
    let closing: Promise<void> | undefined;
    disk.onStep = ({ path }) => {
      if (!path.includes("bets.csv")) return undefined;
      closing ??= store.close();
      return { kind: "error", code: "ENOSPC" };
    };
    await store.performDraw(tell);
    await eventually("the step", () => closing !== undefined);
    // The clock stands still, so a wait would never end.
    await closing;
    assert.deepEqual(told, [{ kind: "postponed" }]);
  });

  it("only delays the draw's files, whichever step of their making it hits", async () => {
    for (let at = 1, met = true; met; at++) {
      const disk = new MemoryDisk();
      const clock = new FakeClock();
      const told: Publication[] = [];
      const delays: Delay[] = [];
      const store = await openOn(disk, {
        clock,
        onPublication: (publication) => told.push(publication),
        onDelay: (delay) => delays.push(delay),
      });
      await submitAll(store, batchesOf(1, 1, 5));
      for (const of of [1, 2]) await store.done(agency(of));
      let steps = 0;
      disk.onStep = ({ path, kind }) => {
        const counts = /bets\.csv|seal\.json/.test(path) || (steps > 0 && kind === "syncDir");
        return counts && ++steps === at ? { kind: "error", code: "EMFILE" } : undefined;
      };
      await store.performDraw(tell);
      await eventually("the step", () => clock.timers > 0 || told.length > 0);
      met = steps >= at;
      clock.advance(1000);
      await eventually("the files", () => told.length > 0);
      assert.deepEqual(told, [{ kind: "written", dir: DRAW_DIR }], `step ${at}`);
      assert.deepEqual(
        delays.map(({ kind }) => kind),
        met ? ["waits", "over"] : [],
      );
      for (const name of ["bets.csv", "seal.json"]) {
        assert.ok(disk.durableFiles.has(`${DRAW_DIR}/${name}`), `step ${at}: ${name}`);
      }
      await store.close();
    }
  });
});
