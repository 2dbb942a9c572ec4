import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { allowances, Deadline, LINGER_MS, sweepPeriodMs } from "../../src/central/deadline.ts";

const limits = { headerTimeoutMs: 10_000, frameTimeoutMs: 30_000, idleTimeoutMs: 300_000 };
const allowed = allowances(limits);

describe("Deadline", () => {
  it("counts the first message from the connect, even if its bytes come one by one", () => {
    const deadline = new Deadline(allowed, 0);
    deadline.observe("greeting", 0, 3000);
    deadline.observe("rest", 0, 6000);
    assert.equal(deadline.overdue(9999), undefined);
    assert.equal(deadline.overdue(10_000), "no first message within 10000 ms");
  });

  it("counts a message from its beginning, even if its bytes come one by one", () => {
    const deadline = new Deadline(allowed, 0);
    deadline.observe("message", 1, 1000);
    deadline.observe("rest", 1, 2000);
    for (let nowMs = 3000; nowMs < 32_000; nowMs += 1000) {
      deadline.observe("rest", 1, nowMs);
      assert.equal(deadline.overdue(nowMs), undefined);
    }
    assert.equal(deadline.overdue(32_000), "message not complete within 30000 ms");
  });

  it("starts again after each complete message", () => {
    const deadline = new Deadline(allowed, 0);
    deadline.observe("rest", 1, 0);
    deadline.observe("rest", 2, 29_000);
    assert.equal(deadline.overdue(58_999), undefined);
    assert.notEqual(deadline.overdue(59_000), undefined);
  });

  it("limits the silence between messages", () => {
    const deadline = new Deadline(allowed, 0);
    deadline.observe("message", 1, 0);
    deadline.observe("message", 2, 100_000);
    assert.equal(deadline.overdue(399_999), undefined);
    assert.equal(deadline.overdue(400_000), "no message within 300000 ms");
  });

  it("does not limit the time in which the peer waits for the central", () => {
    const deadline = new Deadline(allowed, 0);
    deadline.observe("central", 1, 0);
    assert.equal(deadline.overdue(Number.MAX_SAFE_INTEGER), undefined);
  });

  it("limits how long answers wait for the peer, and how long the end of a session takes", () => {
    const deadline = new Deadline(allowed, 0);
    deadline.observe("drain", 1, 0);
    assert.equal(deadline.overdue(30_000), "answers not taken within 30000 ms");
    deadline.observe("linger", 1, 30_000);
    assert.equal(deadline.overdue(30_000), undefined);
    assert.notEqual(deadline.overdue(30_000 + LINGER_MS), undefined);
  });

  it("is checked ten times within the shortest limit, and at least once a second", () => {
    assert.equal(sweepPeriodMs(limits), 1000);
    assert.equal(sweepPeriodMs({ ...limits, frameTimeoutMs: 500 }), 50);
    assert.equal(sweepPeriodMs({ ...limits, headerTimeoutMs: 1 }), 10);
  });
});
