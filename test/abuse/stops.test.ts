import { describe, it } from "node:test";
import { noReadings } from "./process-readings.ts";
import { openStates } from "./stop-states.ts";
import { playStop, playStopAtDraw } from "./stops.ts";

/**
 * More than the one second that is promised, so that no test fails on a busy machine.
 * `make torture` allows one second.
 */
const GRACE_MS = 5000;

describe("P1: SIGTERM", { skip: noReadings ?? false, concurrency: 2 }, () => {
  const states = openStates();

  it(`ends a central with connections in ${states.length} states`, async (t) => {
    const { ms } = await playStop(states, { graceMs: GRACE_MS });
    t.diagnostic(`after ${Math.round(ms)} ms`);
  });

  for (const moment of ["under way", "over"] as const) {
    it(`ends a central when the draw is ${moment}`, async (t) => {
      const { ms } = await playStopAtDraw(moment, { graceMs: GRACE_MS });
      t.diagnostic(`after ${Math.round(ms)} ms`);
    });
  }
});
