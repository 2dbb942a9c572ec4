import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { Recorder } from "../../src/load/recorder.ts";
import { Seconds } from "../../src/load/seconds.ts";

describe("the recorder", () => {
  it("keeps the latencies of batches that were due in the measured time, and no others", () => {
    const recorder = new Recorder();
    recorder.answered(10, 15);
    recorder.mark(100);
    recorder.answered(99, 150);
    recorder.answered(100, 107);
    const { count } = recorder.histogram;
    assert.deepEqual([count, recorder.histogram.summary().max], [1, 7]);
  });

  it("counts a batch without an answer with the time that it had waited", () => {
    const recorder = new Recorder();
    recorder.missed(100, 30_100);
    assert.deepEqual([recorder.unanswered, recorder.batches], [1, 0]);
    assert.equal(recorder.histogram.summary().max, 30_000);
  });

  it("keeps the first refusal and the first error", () => {
    const recorder = new Recorder();
    recorder.refuse("late");
    recorder.refuse("later");
    recorder.fail("cut");
    recorder.fail("cut again");
    const { refused, firstRefusal, errors, firstError } = recorder;
    assert.deepEqual([refused, firstRefusal, errors, firstError], [2, "late", 2, "cut"]);
  });
});

describe("the bets per second", () => {
  it("are those of each second, and those after the last whole second", () => {
    const seconds = new Seconds(50);
    for (const [goneMs, total] of [
      [200, 60],
      [1003, 150],
      [1999, 170],
      [2001, 180],
      [2300, 190],
    ] as const) {
      seconds.tell(goneMs, total);
    }
    seconds.end(200);
    assert.deepEqual(seconds.amounts, [100, 30, 20]);
  });
});
