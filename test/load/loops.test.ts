import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { ClosedLoop } from "../../src/load/closed-loop.ts";
import { OpenLoop } from "../../src/load/open-loop.ts";
import type { Pace } from "../../src/load/pace.ts";
import { FakeClock } from "../support/fake-clock.ts";
import { FakeServer, fakeLanes } from "./fake-wires.ts";

/** A server that answers after 1 ms, but nothing from 1 s to 2 s after the beginning. */
function stallingServer(clock: FakeClock): FakeServer {
  const startMs = clock.nowMs();
  return new FakeServer(clock, () => {
    const goneMs = clock.nowMs() - startMs;
    return goneMs > 998 && goneMs < 2000 ? 2000 - goneMs : 1;
  });
}

/** Lets a load run for three seconds, and then to its end. */
async function load(clock: FakeClock, server: FakeServer, pace: Pace, window = 1) {
  let quiet = 0;
  const { lanes, recorder } = await fakeLanes({
    clock,
    server,
    pace,
    window,
    connections: 2,
    onQuiet: () => void quiet++,
  });
  pace.start(lanes, clock.nowMs());
  clock.advance(3000);
  pace.stop(clock.nowMs());
  for (const lane of lanes) lane.windUp(clock.nowMs());
  clock.advance(10_000);
  assert.equal(quiet, lanes.length);
  return recorder;
}

function openLoop(clock: FakeClock, ratePerSecond: number): OpenLoop {
  return new OpenLoop({ ratePerSecond, lanes: 2, clock, spin: false });
}

describe("the open loop", () => {
  it("counts a stall for every batch that was due in it, without coordinated omission", async () => {
    const clock = new FakeClock();
    const recorder = await load(clock, stallingServer(clock), openLoop(clock, 100));
    const { histogram, batches } = recorder;
    // One every 10 ms, from 0 to 3000 ms.
    assert.deepEqual([batches, histogram.count], [301, 301]);
    // A third of them were due in the stall, and waited evenly from zero to one second.
    assert.ok(histogram.quantileMs(0.5) <= 1.01, "half came when all was well");
    for (const [fraction, leastMs] of [
      [0.75, 250],
      [0.9, 680],
      [0.99, 950],
    ] as const) {
      const toldMs = histogram.quantileMs(fraction);
      assert.ok(toldMs >= leastMs && toldMs <= 1001, `${fraction}: ${toldMs} ms`);
    }
  });

  it("sends at its rate however slow the answers are, as long as there is room", async () => {
    const clock = new FakeClock();
    const server = new FakeServer(clock, () => 100);
    // Ten per second and connection, and an answer takes 100 ms: each connection is full, and none
    // is late.
    const { histogram, batches } = await load(clock, server, openLoop(clock, 20));
    assert.equal(batches, 61);
    assert.deepEqual([histogram.quantileMs(0), histogram.summary().max], [100, 100]);
  });

  it("counts the queue of a rate that is too high, up to the last batch that was due", async () => {
    const clock = new FakeClock();
    const server = new FakeServer(clock, () => 100);
    const { histogram, batches, unanswered } = await load(clock, server, openLoop(clock, 40));
    assert.deepEqual([batches, unanswered], [121, 0]);
    // Twenty a second are answered: the last of three seconds' batches waits for three more.
    const { max } = histogram.summary();
    assert.ok(max > 3000 && max < 3200, `${max} ms`);
  });

  it("has as many unanswered batches as the window allows", async () => {
    const clock = new FakeClock();
    const server = new FakeServer(clock, () => 100);
    const { histogram } = await load(clock, server, openLoop(clock, 40), 2);
    assert.equal(histogram.summary().max, 100);
  });

  it("checks each connection once a turn, however many batches are due", () => {
    // Timers count whole milliseconds, and in each of them ten thousand batches become due.
    const clock = new (class extends FakeClock {
      override after(ms: number, callback: () => void): () => void {
        return super.after(Math.max(1, ms), callback);
      }
    })();
    const pumps = [0, 0];
    const lanes = pumps.map((_, index) => ({
      pump: () => {
        pumps[index] = (pumps[index] ?? 0) + 1;
      },
    }));
    const pace = openLoop(clock, 10_000_000);
    pace.start(lanes, clock.nowMs());
    clock.advance(10);
    pace.stop(clock.nowMs());
    assert.deepEqual(pumps, [11, 10]);
    assert.equal(pace.late.count, 100_001);
    assert.equal(clock.timers, 0);
  });

  it("waits actively for the exact moment on request", async () => {
    let turns = 0;
    const clock = new (class extends FakeClock {
      override soon(callback: () => void): void {
        turns++;
        this.after(0.1, callback);
      }
    })();
    const pace = new OpenLoop({ ratePerSecond: 100, lanes: 2, clock, spin: true });
    const { batches } = await load(clock, new FakeServer(clock, () => 1), pace);
    assert.equal(batches, 301);
    assert.ok(turns >= 300 * 20, "2 ms before each moment in turns of 0.1 ms");
    assert.ok(pace.late.summary().max <= 0.1);
  });
});

describe("the closed loop", () => {
  it("counts one slow batch on each connection in the same stall", async () => {
    const clock = new FakeClock();
    const { histogram, batches } = await load(clock, stallingServer(clock), new ClosedLoop());
    assert.ok(batches > 3900, "one each millisecond when all is well");
    assert.ok(histogram.quantileMs(0.99) <= 1.01);
    assert.ok(histogram.summary().max > 900);
  });
});
