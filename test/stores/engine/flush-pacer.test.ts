import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { FlushPacer, GATHER_MS_MAX } from "../../../src/stores/engine/flush-pacer.ts";

/** A pacer whose average flush takes `flushMs`, and which has just confirmed `acknowledged`. */
function pacerAfter(flushMs: number, acknowledged: number): FlushPacer {
  const pacer = new FlushPacer();
  for (let flush = 0; flush < 50; flush++) pacer.flushed(acknowledged, flushMs, 0);
  return pacer;
}

describe("the flush pacer", () => {
  it("never makes the first batch wait, or a batch after a pause", () => {
    const pacer = new FlushPacer();
    pacer.arrived();
    assert.equal(pacer.waitMs(0), 0);
    pacer.flushed(5, 0.2, 10);
    pacer.arrived();
    assert.equal(pacer.waitMs(10.2), 0);
  });

  it("never makes a single sender wait", () => {
    const pacer = pacerAfter(0.2, 1);
    pacer.arrived();
    assert.equal(pacer.waitMs(0), 0);
  });

  it("waits for as many batches as were confirmed, for an average flush at most", () => {
    const pacer = pacerAfter(0.2, 5);
    for (let back = 1; back <= 4; back++) {
      pacer.arrived();
      assert.ok(Math.abs(pacer.waitMs(0) - 0.2) < 1e-9);
    }
    assert.ok(Math.abs(pacer.waitMs(0.06) - 0.14) < 1e-9);
    pacer.arrived();
    assert.equal(pacer.waitMs(0), 0);
  });

  it("does not count batches that arrived during the flush", () => {
    const pacer = new FlushPacer();
    for (let early = 0; early < 5; early++) pacer.arrived();
    pacer.flushed(5, 0.2, 0);
    pacer.arrived();
    assert.ok(pacer.waitMs(0) > 0);
  });

  it("stops waiting when the time is over, if peers do not come back", () => {
    const pacer = pacerAfter(0.2, 5);
    pacer.arrived();
    assert.ok(pacer.waitMs(0.19) > 0);
    assert.equal(pacer.waitMs(0.21), 0);
  });

  it(`waits at most ${GATHER_MS_MAX} ms on a slow disk`, () => {
    const pacer = pacerAfter(50, 5);
    pacer.arrived();
    assert.equal(pacer.waitMs(0), GATHER_MS_MAX);
  });

  it("follows the disk as it gets slower or faster", () => {
    const pacer = pacerAfter(0.2, 5);
    assert.ok(Math.abs(pacer.averageFlushMs - 0.2) < 1e-9);
    for (let flush = 0; flush < 40; flush++) pacer.flushed(5, 1, 0);
    assert.ok(pacer.averageFlushMs > 0.95 && pacer.averageFlushMs <= 1);
  });
});
