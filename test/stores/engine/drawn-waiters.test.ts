import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { DrawOutcome } from "../../../src/store/bet-store.ts";
import { DrawnWaiters } from "../../../src/stores/engine/drawn-waiters.ts";

const outcome: DrawOutcome = {
  draw: "1",
  winningNumber: 7,
  seal: new Uint8Array(32),
  agencies: [],
  acts: { count: 0, head: new Uint8Array(32) },
};

describe("peers that wait for the draw", () => {
  it("are all told its outcome", async () => {
    const waiters = new DrawnWaiters();
    const waits = [undefined, new AbortController().signal].map((signal) => waiters.wait(signal));
    waiters.resolve(outcome);
    assert.deepEqual(await Promise.all(waits), [outcome, outcome]);
    assert.equal(waiters.size, 0);
  });

  it("leave nothing behind when they go before the draw", async () => {
    const waiters = new DrawnWaiters();
    for (let visit = 0; visit < 100; visit++) {
      const gone = new AbortController();
      const wait = waiters.wait(gone.signal);
      gone.abort(new Error("gone"));
      await assert.rejects(wait, /gone/);
    }
    assert.equal(waiters.size, 0);
  });

  it("are not added when they are gone already", async () => {
    const waiters = new DrawnWaiters();
    await assert.rejects(waiters.wait(AbortSignal.abort(new Error("gone"))), /gone/);
    assert.equal(waiters.size, 0);
  });

  it("are all told that there will be no draw", async () => {
    const waiters = new DrawnWaiters();
    const waits = [1, 2].map(() => waiters.wait(new AbortController().signal));
    waiters.reject(new Error("stopping"));
    for (const wait of waits) await assert.rejects(wait, /stopping/);
    assert.equal(waiters.size, 0);
  });
});
