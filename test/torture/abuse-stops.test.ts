import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { noReadings } from "../abuse/process-readings.ts";
import { openStates } from "../abuse/stop-states.ts";
import { playStop, playStopAtDraw } from "../abuse/stops.ts";

/** The promised time: `docker stop -t 1` does not have to kill. */
const GRACE_MS = 1000;
const CONNECTIONS = 1000;
const DRAWS = 10;

describe("P1: SIGTERM, and SIGKILL a second later", { skip: noReadings ?? false }, () => {
  const states = openStates();
  const took: number[] = [];

  for (const state of states) {
    it(`ends a central with one connection: ${state.name}`, async () => {
      const { ms } = await playStop([state], { graceMs: GRACE_MS });
      took.push(ms);
    });
  }

  it("ended all these centrals in time", (t) => {
    t.diagnostic(`after ${Math.round(Math.min(...took))} to ${Math.round(Math.max(...took))} ms`);
    assert.equal(took.length, states.length);
  });

  it(`ends a central with ${CONNECTIONS} connections in all states`, async (t) => {
    const times = Math.ceil(CONNECTIONS / states.length);
    const { ms } = await playStop(states, { graceMs: GRACE_MS, times });
    t.diagnostic(`after ${Math.round(ms)} ms`);
  });

  for (const moment of ["under way", "over"] as const) {
    it(`ends a central when the draw is ${moment}`, async (t) => {
      const took: number[] = [];
      for (let draw = 0; draw < DRAWS; draw++) {
        const { ms } = await playStopAtDraw(moment, { graceMs: GRACE_MS });
        took.push(ms);
      }
      t.diagnostic(`after ${took.map((ms) => Math.round(ms)).join(", ")} ms`);
    });
  }
});
