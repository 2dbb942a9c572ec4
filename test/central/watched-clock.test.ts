import assert from "node:assert/strict";
import { describe, it } from "node:test";
import * as fc from "fast-check";
import { WatchedClock } from "../../src/central/watched-clock.ts";

const START_MS = Date.UTC(2026, 11, 1, 20);

/** A machine whose clock somebody sets. */
class Machine {
  nowMsIs = 1000;
  dateMs = START_MS;
  readonly jumps: number[] = [];
  readonly watched: WatchedClock;

  constructor() {
    const clock = { nowMs: () => this.nowMsIs, date: () => new Date(this.dateMs) };
    this.watched = new WatchedClock(clock, (byMs) => this.jumps.push(byMs));
  }

  /** Lets time pass, with a look each second, as a central does. */
  pass(ms: number): void {
    for (let rest = ms; rest > 0; rest -= 1000) {
      const step = Math.min(rest, 1000);
      this.nowMsIs += step;
      this.dateMs += step;
      this.watched.read();
    }
  }

  /** The two times, in seconds after the start. */
  get seconds(): readonly [earliest: number, latest: number] {
    const { earliestMs, latestMs } = this.watched.read();
    return [(earliestMs - START_MS) / 1000, (latestMs - START_MS) / 1000];
  }
}

describe("the watched clock", () => {
  it("has one time while nobody sets the clock", () => {
    const machine = new Machine();
    machine.pass(7_200_000);
    assert.deepEqual(machine.seconds, [7200, 7200]);
    assert.deepEqual(machine.jumps, []);
  });

  it("follows slow corrections without a word", () => {
    const machine = new Machine();
    for (let hour = 0; hour < 100; hour++) {
      machine.pass(10_000);
      machine.dateMs += 1500;
    }
    assert.deepEqual(machine.seconds, [1150, 1150]);
    assert.deepEqual(machine.jumps, []);
  });

  it("doubts a jump for a minute, forwards and back, and then goes with the new time", () => {
    for (const [byMs, doubted] of [
      [3_600_000, [10, 3610]],
      [-3_600_000, [-3590, 10]],
    ] as const) {
      const machine = new Machine();
      machine.pass(10_000);
      machine.dateMs += byMs;
      assert.deepEqual(machine.seconds, doubted);
      assert.deepEqual(machine.jumps, [byMs]);
      machine.pass(59_000);
      assert.notDeepEqual(machine.seconds[0], machine.seconds[1]);
      machine.pass(2000);
      const seconds = 71 + byMs / 1000;
      assert.deepEqual(machine.seconds, [seconds, seconds]);
      assert.deepEqual(machine.jumps, [byMs]);
    }
  });

  it("forgets a jump that is taken back", () => {
    const machine = new Machine();
    machine.dateMs += 86_400_000;
    machine.pass(5000);
    machine.dateMs -= 86_400_000;
    assert.deepEqual(machine.seconds, [5, 5]);
    machine.pass(1000);
    assert.deepEqual(machine.seconds, [6, 6]);
    assert.deepEqual(machine.jumps, [86_400_000, -86_400_000]);
  });

  it("doubts anew after a jump during a doubt", () => {
    const machine = new Machine();
    machine.dateMs += 100_000;
    machine.pass(50_000);
    machine.dateMs += 100_000;
    machine.pass(50_000);
    assert.deepEqual(machine.seconds, [100, 300]);
    machine.pass(11_000);
    assert.deepEqual(machine.seconds, [311, 311]);
  });

  it("takes the time as it is after a time in which nobody looked", () => {
    const machine = new Machine();
    machine.nowMsIs += 11_000;
    machine.dateMs += 11_000 + 86_400_000;
    assert.deepEqual(machine.seconds, [86_411, 86_411]);
    assert.deepEqual(machine.jumps, []);
  });

  it("never has its earliest time after its latest, and both agree a minute after the last jump", () => {
    const step = fc.record({
      passMs: fc.integer({ min: 0, max: 90_000 }),
      byMs: fc.integer({ min: -10_000_000, max: 10_000_000 }),
    });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 8 }), (steps) => {
        const machine = new Machine();
        for (const { passMs, byMs } of steps) {
          machine.pass(passMs);
          machine.dateMs += byMs;
          const [earliest, latest] = machine.seconds;
          assert.ok(earliest <= latest);
          const now = (machine.dateMs - START_MS) / 1000;
          assert.ok(earliest <= now && now <= latest);
        }
        machine.pass(62_000);
        const now = (machine.dateMs - START_MS) / 1000;
        assert.deepEqual(machine.seconds, [now, now]);
      }),
    );
  });
});
