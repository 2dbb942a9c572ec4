import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { batch, CONFIRMATION, u32, winners, ZERO } from "./bytes.ts";
import { WatchedDesk } from "../../watched-desk.ts";
import { serve } from "./served.ts";
import type { Served } from "../../served.ts";

async function greeted(...batches: readonly number[]): Promise<Served> {
  const served = serve(new WatchedDesk(1));
  let document = 1;
  await served.say(u32(1));
  for (const count of batches) {
    assert.deepEqual(await served.say(batch(count, { document })), [CONFIRMATION]);
    document += count;
  }
  return served;
}

describe("a zero of fixed70", () => {
  for (const [what, batches] of [
    ["a last batch that is shorter", [3, 1]],
    ["a last batch that is shorter than any", [3, 4, 3]],
    ["the only batch, at once", [3]],
  ] as const) {
    it(`is the question after ${what}`, async () => {
      const served = await greeted(...batches);
      assert.deepEqual(await served.say(ZERO), [winners()]);
      assert.ok(served.ended);
    });
  }

  for (const [what, batches] of [
    ["batches of the same size", [3, 3]],
    ["a last batch that is larger", [3, 5]],
    ["batches of one bet", [1, 1, 1]],
  ] as const) {
    it(`is an empty batch after ${what}; the second one is the question`, async () => {
      const served = await greeted(...batches);
      assert.deepEqual(await served.say(ZERO), [CONFIRMATION]);
      assert.equal(served.desk.book.state, "open");
      assert.deepEqual(await served.say(ZERO), [winners()]);
      assert.ok(served.ended);
    });
  }

  it("is an empty batch when it comes a second after the only one", async () => {
    const served = await greeted(3);
    served.clock.advance(1000);
    assert.deepEqual(await served.say(ZERO), [CONFIRMATION]);
    assert.deepEqual(await served.say(ZERO), [winners()]);
  });

  it("is the question just before that", async () => {
    const served = await greeted(3);
    served.clock.advance(999);
    assert.deepEqual(await served.say(ZERO), [winners()]);
  });

  it("is the empty batch of an agency without bets, confirmed when nothing else comes", async () => {
    const served = await greeted();
    assert.deepEqual(await served.say(ZERO), []);
    served.clock.advance(99);
    assert.deepEqual(await served.answers(), []);
    served.clock.advance(1);
    assert.deepEqual(await served.answers(), [CONFIRMATION]);
    assert.deepEqual(await served.say(ZERO), [winners()]);
    assert.ok(served.ended);
  });

  it("makes nobody done when the connection ends after it", async () => {
    const served = await greeted();
    await served.say(ZERO);
    await served.end();
    assert.equal(served.clock.timers, 0);
    assert.ok(served.ended);
    assert.equal(served.desk.book.state, "open");
  });

  it("makes nobody done when it is part of an ej5 bet without a first name", async () => {
    for (const pieces of [1, 70]) {
      const served = serve(new WatchedDesk(1));
      const bytes = batch(1, { firstName: "" }).subarray(4);
      const chunks = Array.from({ length: pieces }, (_, at) =>
        bytes.subarray((at * 70) / pieces, ((at + 1) * 70) / pieces),
      );
      assert.deepEqual(await served.say(...chunks), []);
      served.clock.advance(1000);
      assert.deepEqual(await served.answers(), []);
      assert.deepEqual(served.complaints, ["UNEXPECTED_MESSAGE"]);
      assert.ok(served.ended);
      assert.equal(served.desk.book.state, "open");
    }
  });
});
