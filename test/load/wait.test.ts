import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { wait } from "../../src/load/wait.ts";
import { FakeClock } from "../support/fake-clock.ts";
import { turns } from "../support/turns.ts";

const never = new Promise<void>(() => undefined);

function waitOn(parts: { readonly quiet?: Promise<void>; readonly signal?: AbortSignal }) {
  const clock = new FakeClock();
  const goneMs: number[] = [];
  const waiting = wait({
    clock,
    startMs: clock.nowMs(),
    durationMs: 500,
    quiet: parts.quiet ?? never,
    signal: parts.signal,
    onTurn: (gone) => void goneMs.push(gone),
  });
  return { clock, goneMs, waiting };
}

describe("waiting for the end of a load", () => {
  it("ends after its time, and meanwhile reports how much of it is over", async () => {
    const { clock, goneMs, waiting } = waitOn({});
    clock.advance(499);
    const early = await Promise.race([waiting.then(() => true), turns(3).then(() => false)]);
    assert.equal(early, false);
    clock.advance(1);
    await waiting;
    assert.deepEqual(goneMs, [0, 200, 400, 500]);
    assert.equal(clock.timers, 0);
  });

  it("ends when the load is quiet, and leaves no timer", async () => {
    const { clock, waiting } = waitOn({ quiet: Promise.resolve() });
    await waiting;
    assert.equal(clock.timers, 0);
  });

  it("ends when it is aborted, and leaves no timer", async () => {
    const stopping = new AbortController();
    const { clock, waiting } = waitOn({ signal: stopping.signal });
    stopping.abort();
    await waiting;
    assert.equal(clock.timers, 0);
  });
});
