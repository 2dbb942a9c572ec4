import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { Delay } from "../../src/store/bet-store.ts";
import { Delays } from "../../src/stores/delays.ts";
import { FakeClock } from "../support/fake-clock.ts";

describe("the report of waiting work", () => {
  it("is at most one line a second for each cause, and one when it is over", () => {
    const clock = new FakeClock();
    const told: Delay[] = [];
    const delays = new Delays(clock, (delay) => told.push(delay));
    for (let tries = 0; tries < 40; tries++) {
      delays.waits("write", new Error("no room"));
      clock.advance(50);
    }
    const waits = { kind: "waits", what: "write", reason: "no room" };
    assert.deepEqual(told, [waits, waits]);
    delays.waits("write", new Error("no memory"));
    delays.waits("read", new Error("no room"));
    assert.equal(told.length, 4, "another cause and other work are news");
    delays.over("write");
    delays.over("write");
    delays.over("never waited");
    assert.deepEqual(told.slice(4), [{ kind: "over", what: "write" }]);
  });
});
