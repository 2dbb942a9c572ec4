import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { DrawWaiters } from "../../src/central/draw-waiters.ts";
import type { DrawOutcome } from "../../src/store/bet-store.ts";

const outcome: DrawOutcome = {
  draw: "1",
  winningNumber: 7,
  seal: new Uint8Array(32),
  agencies: [],
};

/** A draw that happens when the test says so. */
function fakeDraw() {
  const asked: { resolve: (outcome: DrawOutcome) => void; reject: (error: Error) => void }[] = [];
  const whenDrawn = (): Promise<DrawOutcome> =>
    new Promise((resolve, reject) => void asked.push({ resolve, reject }));
  return { asked, waiters: new DrawWaiters({ whenDrawn }) };
}

describe("DrawWaiters", () => {
  it("asks the store once for everybody", async () => {
    const { asked, waiters } = fakeDraw();
    const waits = [1, 2, 3].map(() => waiters.wait(new AbortController().signal));
    assert.equal(asked.length, 1);
    asked[0]?.resolve(outcome);
    assert.deepEqual(await Promise.all(waits), [outcome, outcome, outcome]);
    assert.equal(waiters.size, 0);
  });

  it("forgets those who go, so that coming and going before the draw leaves nothing", async () => {
    const { asked, waiters } = fakeDraw();
    for (let visit = 0; visit < 100; visit++) {
      const gone = new AbortController();
      const wait = waiters.wait(gone.signal);
      gone.abort(new Error("gone"));
      await assert.rejects(wait, /gone/);
    }
    assert.equal(waiters.size, 0);
    assert.equal(asked.length, 1);
  });

  it("does not let in who is gone already", async () => {
    const { waiters } = fakeDraw();
    await assert.rejects(waiters.wait(AbortSignal.abort(new Error("gone"))), /gone/);
    assert.equal(waiters.size, 0);
  });

  it("passes on that there will be no draw, and asks again for the next", async () => {
    const { asked, waiters } = fakeDraw();
    const wait = waiters.wait(new AbortController().signal);
    asked[0]?.reject(new Error("closed"));
    await assert.rejects(wait, /closed/);
    const next = waiters.wait(new AbortController().signal);
    assert.equal(asked.length, 2);
    asked[1]?.resolve(outcome);
    assert.equal(await next, outcome);
  });

  it("turns everybody away when the central stops", async () => {
    const { waiters } = fakeDraw();
    const waits = [1, 2].map(() => waiters.wait(new AbortController().signal));
    waiters.reject(new Error("stopping"));
    for (const wait of waits) await assert.rejects(wait, /stopping/);
    assert.equal(waiters.size, 0);
  });
});
