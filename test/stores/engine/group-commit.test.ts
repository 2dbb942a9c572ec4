import assert from "node:assert/strict";
import { beforeEach, describe, it } from "node:test";
import type { DiskFile } from "../../../src/stores/disk/disk.ts";
import { FailureLatch } from "../../../src/stores/failure-latch.ts";
import { GroupCommit, type GroupCommitOptions } from "../../../src/stores/engine/group-commit.ts";
import { FakeClock } from "../../support/fake-clock.ts";

interface Flush {
  readonly text: string;
  readonly position: number;
  readonly end: (error?: Error) => void;
}

const file = { path: "a file" } as DiskFile;
const otherFile = { path: "another file" } as DiskFile;
const turn = (): Promise<void> => new Promise((resolve) => void setImmediate(resolve));

describe("group commit", () => {
  let flushes: Flush[];
  let clock: FakeClock;
  let latch: FailureLatch;
  let end: number;
  let rooms: number;

  beforeEach(() => {
    flushes = [];
    clock = new FakeClock();
    latch = new FailureLatch();
    end = 0;
    rooms = 0;
  });

  function create(options: Partial<GroupCommitOptions> = {}): GroupCommit {
    // An earlier test's group may still be due: it must not come into this one's.
    const mine = flushes;
    return new GroupCommit({
      clock,
      latch,
      ownership: { isOurs: () => true },
      firstNumber: 1,
      groupBytes: 64,
      onRoom: () => rooms++,
      persist: (_file, bytes, position, done) => {
        mine.push({ text: bytes.toString("latin1"), position, end: (error) => done(error) });
      },
      ...options,
    });
  }

  function put(commit: GroupCommit, text: string, settled?: string[], to = file): boolean {
    const group = commit.claim(text.length, to, end);
    if (group === undefined) return false;
    group.buffer.write(text, group.used - text.length, "latin1");
    end += text.length;
    commit.settleBatch(() => settled?.push(text));
    return true;
  }

  it("writes nothing when the directory is not its own any more", async () => {
    const commit = create({ ownership: { isOurs: () => false } });
    put(commit, "a");
    for (let turns = 0; turns < 10; turns++) await new Promise(setImmediate);
    assert.deepEqual(flushes, []);
  });

  it("writes batches that arrive together in one flush, and settles them in order", async () => {
    const commit = create();
    const settled: string[] = [];
    for (const text of ["one", "two", "three"]) put(commit, text, settled);
    assert.equal(flushes.length, 0, "not before the input at hand has been handled");
    await turn();
    assert.deepEqual(
      flushes.map(({ text }) => text),
      ["onetwothree"],
    );
    assert.deepEqual(settled, []);
    flushes[0]?.end();
    assert.deepEqual(settled, ["one", "two", "three"]);
    assert.equal(commit.flushes, 1);
  });

  it("runs one flush at a time, and batches that arrive meanwhile form the next one", async () => {
    const commit = create();
    const settled: string[] = [];
    put(commit, "one", settled);
    await turn();
    put(commit, "two", settled);
    put(commit, "three", settled);
    await turn();
    await turn();
    assert.equal(flushes.length, 1);
    flushes[0]?.end();
    assert.deepEqual(settled, ["one"]);
    await turn();
    assert.deepEqual(
      flushes.map(({ text, position }) => [text, position]),
      [
        ["one", 0],
        ["twothree", 3],
      ],
    );
  });

  it("waits for the senders that were confirmed, and no longer than a flush", async () => {
    const commit = create();
    for (const text of ["one", "two"]) put(commit, text);
    await turn();
    clock.advance(0.6);
    flushes[0]?.end();
    put(commit, "one again");
    await turn();
    assert.equal(flushes.length, 1, "the other may be back any moment");
    put(commit, "two again");
    await turn();
    assert.equal(flushes.length, 2, "both are back");
    clock.advance(0.6);
    flushes[1]?.end();
    put(commit, "one once more");
    await turn();
    clock.advance(0.5);
    await turn();
    await turn();
    assert.equal(flushes.length, 2);
    clock.advance(0.2);
    await turn();
    await turn();
    assert.equal(flushes.length, 3, "time is over");
  });

  it("sets a timer for a long wait, and removes it when all senders are back", async () => {
    const commit = create();
    for (const text of ["one", "two"]) put(commit, text);
    await turn();
    clock.advance(40);
    flushes[0]?.end();
    put(commit, "one again");
    await turn();
    assert.equal(clock.timers, 1);
    put(commit, "two again");
    await turn();
    assert.deepEqual([flushes.length, clock.timers], [2, 0]);
    clock.advance(40);
    flushes[1]?.end();
    put(commit, "alone");
    await turn();
    clock.advance(1);
    assert.deepEqual([flushes.length, clock.timers], [3, 0]);
  });

  it("begins another group at a full buffer or another place, and keeps the order", async () => {
    const commit = create({ groupBytes: 8 });
    const numbers: number[] = [];
    const settled: string[] = [];
    for (const text of ["12345", "678", "9"]) put(commit, text, settled);
    numbers.push(commit.claim(1, otherFile, 0)?.number ?? 0);
    for (let flush = 0; flush < 3; flush++) {
      await turn();
      flushes[flush]?.end();
    }
    assert.deepEqual(
      flushes.slice(0, 2).map(({ text, position }) => [text, position]),
      [
        ["12345678", 0],
        ["9", 8],
      ],
    );
    assert.equal(flushes[2]?.position, 0);
    assert.deepEqual(numbers, [3]);
    assert.deepEqual(settled, ["12345", "678", "9"]);
  });

  it("P9 keeps no more than its buffers, and reports when they are free", async () => {
    const commit = create({ groupBytes: 8, groupsMax: 2 });
    assert.equal(commit.roomBytes, 16);
    assert.ok(put(commit, "12345678") && put(commit, "1234"));
    assert.equal(commit.roomBytes, 4);
    assert.equal(put(commit, "12345"), false);
    assert.ok(put(commit, "1234"));
    await turn();
    assert.deepEqual([commit.roomBytes, rooms], [0, 0]);
    flushes[0]?.end();
    assert.deepEqual([commit.roomBytes, rooms], [8, 1]);
    assert.throws(() => commit.claim(9, file, end), RangeError);
  });

  it("settles at once when nothing is pending, and otherwise after it, without a write", async () => {
    const commit = create();
    const order: string[] = [];
    commit.afterPending(() => order.push("at once"));
    put(commit, "one", order);
    commit.afterPending(() => order.push("after one"));
    await turn();
    commit.afterPending(() => order.push("in flight"));
    assert.deepEqual(order, ["at once"]);
    flushes[0]?.end();
    await turn();
    assert.deepEqual(order, ["at once", "one", "after one", "in flight"]);
    assert.equal(flushes.length, 1);
  });

  it("does not wait for senders when it drains", async () => {
    const commit = create();
    for (const text of ["one", "two"]) put(commit, text);
    await turn();
    clock.advance(1);
    flushes[0]?.end();
    put(commit, "one again");
    const drained = commit.drain();
    await turn();
    flushes[1]?.end();
    await drained;
  });

  it("P8 stays failed: nothing settles, nothing is written, and waiting promises reject", async () => {
    const commit = create();
    const settled: string[] = [];
    put(commit, "one", settled);
    await turn();
    put(commit, "two", settled);
    const pending = assert.rejects(commit.pending(), { code: "STORE_FAILED" });
    flushes[0]?.end(new Error("EIO"));
    await pending;
    assert.match(latch.error?.message ?? "", /Cannot write a file at byte 0: EIO/);
    assert.equal(put(commit, "three", settled), false);
    await assert.rejects(commit.pending(), { code: "STORE_FAILED" });
    await turn();
    assert.deepEqual([settled, flushes.length], [[], 1]);
  });

  it("confirms nothing that reaches the disk after something else has failed", async () => {
    const commit = create();
    const settled: string[] = [];
    put(commit, "one", settled);
    await turn();
    latch.raise("Cannot prepare a segment", new Error("EIO"));
    flushes[0]?.end();
    await turn();
    assert.deepEqual(settled, []);
  });
});
