import assert from "node:assert/strict";
import { describe, it } from "node:test";
import * as fc from "fast-check";
import { chainHead } from "../../src/load/chain-head.ts";
import { BenchError } from "../../src/load/bench-error.ts";
import { DRIVERS } from "../../src/load/drivers/drivers.ts";
import type { Driver } from "../../src/load/drivers/driver.ts";
import type { Frames } from "../../src/load/frames.ts";
import { planFrames } from "../../src/load/plan-frames.ts";
import type { CutBatch } from "../../src/agency/batches.ts";
import { generateBets } from "../../src/generate/generate-bets.ts";
import type { AgencyId } from "../../src/lottery/bet.ts";
import { encodeLines } from "../../src/lottery/canonical-line.ts";
import { FIRST_HEAD, nextHead } from "../../src/lottery/chain.ts";
import { BATCH_OVERHEAD_BYTES } from "../../src/protocols/dialects/native/wire.ts";
import { seed, seedNote } from "../support/seed.ts";

const AGENCY = 3 as AgencyId;

function native(): Driver {
  const driver = DRIVERS.get("native");
  if (driver === undefined) throw new Error("native cannot be loaded");
  return driver;
}

/** So many batches with so many bets each. */
function cut(batches: number, bets: number): CutBatch[] {
  const all = [...generateBets({ seed: 1, agency: AGENCY, count: batches * bets })];
  return Array.from({ length: batches }, (_, index) => {
    const own = all.slice(index * bets, (index + 1) * bets);
    return { bets: own, lines: encodeLines(own), fileLines: [], flawed: false };
  });
}

/** Slots in the order in which they are sent. */
function slotsOf(frames: Frames, batches: number): number[] {
  const slots: number[] = [];
  let slot = frames.start;
  for (let index = 0; index < batches; index++) {
    slots.push(slot);
    slot = frames.after(slot, index + 1);
  }
  return slots;
}

const shape = fc.record({
  batches: fc.integer({ min: 1, max: 8 }),
  batchBets: fc.integer({ min: 1, max: 5 }),
  window: fc.integer({ min: 1, max: 6 }),
  bets: fc.integer({ min: 1, max: 120 }),
});

describe(`the frames of a connection (${seedNote})`, () => {
  it("have exactly as many bets as were asked for", async () => {
    await fc.assert(
      fc.asyncProperty(shape, async ({ batches, batchBets, window, bets }) => {
        const frames = await planFrames({
          agency: AGENCY,
          driver: native(),
          batches: cut(batches, batchBets),
          slotsMax: batches,
          window,
          bets,
          connectionPerMessage: false,
        });
        const slots = slotsOf(frames, frames.batches);
        const sum = slots.reduce((total, slot) => total + frames.betsAt(slot), 0);
        assert.equal(sum, bets);
      }),
      { seed },
    );
  });

  it("do not repeat their bytes while these may be unanswered, and never repeat the first ones", async () => {
    await fc.assert(
      fc.asyncProperty(shape, async ({ batches, batchBets, window }) => {
        const frames = await planFrames({
          agency: AGENCY,
          driver: native(),
          batches: cut(batches, batchBets),
          slotsMax: batches,
          window,
          bets: Number.POSITIVE_INFINITY,
          connectionPerMessage: false,
        });
        const slots = slotsOf(frames, 100);
        for (const [index, slot] of slots.entries()) {
          const next = slots.slice(index + 1, index + window);
          assert.ok(!next.includes(slot), `${slots.join(" ")}, window ${window}`);
          if (batches > 1 && index > 0) assert.notEqual(slot, 0);
        }
      }),
      { seed },
    );
  });

  it("are the batches of a file once, with its short last batch", async () => {
    const frames = await planFrames({
      agency: AGENCY,
      driver: native(),
      batches: [...cut(3, 4), ...cut(1, 2)],
      slotsMax: 2,
      window: 1,
      bets: "once",
      connectionPerMessage: false,
    });
    const slots = slotsOf(frames, frames.batches);
    assert.deepEqual(
      slots.map((slot) => frames.betsAt(slot)),
      [4, 4, 4, 2],
    );
  });

  it("have the chain head of their lines", async () => {
    const batches = cut(3, 4);
    const frames = await planFrames({
      agency: AGENCY,
      driver: native(),
      batches,
      slotsMax: 3,
      window: 1,
      bets: 23,
      connectionPerMessage: false,
    });
    // Three batches, then the second and the third again, then three bets of the second.
    const [one = batches[0], two = one, three = two] = batches;
    const rest = encodeLines(two?.bets.slice(0, 3) ?? []);
    const lines = [one, two, three, two, three].map((batch) => batch?.lines ?? rest);
    let head: Uint8Array = FIRST_HEAD;
    for (const [index, bytes] of [...lines, rest].entries()) {
      head = nextHead(head, 11 + index, index === 5 ? 3 : 4, bytes);
    }
    assert.deepEqual(chainHead(frames, 6, { head: FIRST_HEAD, sequence: 11 }), head);
    assert.deepEqual(
      frames.view(1, 1).subarray(BATCH_OVERHEAD_BYTES),
      Buffer.from(two?.lines ?? []),
    );
  });

  it("are refused when the same batch would have to come again on another connection", async () => {
    const request = {
      agency: AGENCY,
      driver: native(),
      batches: cut(1, 4),
      slotsMax: 9,
      window: 1,
      connectionPerMessage: true,
    };
    await assert.rejects(planFrames({ ...request, bets: 5 }), BenchError);
    assert.equal((await planFrames({ ...request, bets: 4 })).batches, 1);
  });

  it("are refused without a bet", async () => {
    const request = planFrames({
      agency: AGENCY,
      driver: native(),
      batches: [],
      slotsMax: 9,
      window: 1,
      bets: 5,
      connectionPerMessage: false,
    });
    await assert.rejects(request, /the bets of agency 3: there are none/);
  });
});
