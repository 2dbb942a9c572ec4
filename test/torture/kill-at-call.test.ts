import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { playKillAt } from "../fire/kill-at-call.ts";
import { KILLED_CALLS, type KilledCall, whyNoInjection } from "../fire/strace.ts";
import { count, type Tally, tell } from "../fire/tally.ts";

/** More calls than a small draw makes. */
const CALLS_MAX = 100;
/**
 * The number of writes of a draw depends on which batches come together. So the draws are repeated
 * until every phase was met.
 */
const ROUNDS_MAX = 25;

/** The phases that kills have to meet. */
const PHASES: Readonly<Record<KilledCall, readonly string[]>> = {
  pwrite64: ["nothing stored", "load", "some done", "sealed", "drawn"],
  fdatasync: ["nothing stored", "writing bets.csv", "writing seal.json"],
  fsync: ["nothing stored"],
  rename: ["nothing stored", "writing bets.csv"],
  unlink: [],
  // In "drawn" the line of the draw was lost with the process, but the draw was not.
  write: ["nothing stored", "load", "drawn"],
};

describe("P1 P5 P10: a central loses nothing when it is killed", {
  skip: whyNoInjection() ?? false,
  concurrency: 2,
}, () => {
  for (const call of KILLED_CALLS) {
    it(`at every call of ${call}`, async (t) => {
      const tally: Tally = new Map();
      for (let round = 1; round <= ROUNDS_MAX; round++) {
        for (let when = 1; ; when++) {
          assert.ok(when < CALLS_MAX);
          const phase = await playKillAt(call, when);
          if (phase === undefined) break;
          count(tally, phase);
        }
        if (unmet(call, tally).length === 0) break;
      }
      t.diagnostic(tell(tally));
      assert.ok(tally.size > 0);
      assert.deepEqual(unmet(call, tally), []);
    });
  }
});

function unmet(call: KilledCall, tally: Tally): readonly string[] {
  const met = [...tally.keys()];
  return PHASES[call].filter((phase) => !met.some((name) => name.includes(phase)));
}
