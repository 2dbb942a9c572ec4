import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { AgencyId } from "../../src/lottery/bet.ts";
import type { DeskVerdict } from "../../src/protocols/desk.ts";
import type { ServeContext } from "../../src/protocols/dialect.ts";
import { Intake, recordDone, submitPatiently } from "../../src/protocols/intake.ts";
import { fakeClock } from "../support/central-clock.ts";
import { encodeLines } from "../../src/lottery/canonical-line.ts";
import { bet } from "./plain-bets.ts";
import { ScriptedDesk, turn } from "./scripted-desk.ts";
import { WatchedDesk } from "./watched-desk.ts";

const { signal: NEVER } = new AbortController();

function intake(first: "run-start" | "connection-start"): { desk: WatchedDesk; intake: Intake } {
  const desk = new WatchedDesk(2);
  return { desk, intake: new Intake({ desk, clock: fakeClock() }, first) };
}

describe("the batches of one connection", () => {
  const good = { agency: 1, count: 1, lines: encodeLines([bet()]), single: false };
  const bad = { ...good, lines: encodeLines([bet({ number: 10_000 })]) };

  for (const first of ["run-start", "connection-start"] as const) {
    it(`have their places: ${first}, then following; single bets are alone`, async () => {
      const { desk, intake: batches } = intake(first);
      assert.equal(await batches.submit({ ...good, single: true }, NEVER), true);
      for (let count = 0; count < 3; count++) await batches.submit(good, NEVER);
      assert.deepEqual(
        desk.offers.map(({ place }) => place),
        ["alone", first, "following", "following"],
      );
    });
  }

  it("begin with the first that is stored: one that is refused leaves no trace", async () => {
    const { desk, intake: batches } = intake("connection-start");
    assert.equal(await batches.submit(bad, NEVER), false);
    assert.equal(await batches.submit(good, NEVER), true);
    assert.equal(await batches.submit({ ...good, agency: 99 }, NEVER), false);
    assert.deepEqual(
      desk.offers.map(({ place, agency }) => [place, agency]),
      [
        ["connection-start", 1],
        ["connection-start", 1],
        ["following", 99],
      ],
    );
  });

  it("count as stored when they come again", async () => {
    const { desk, intake: batches } = intake("connection-start");
    desk.verdict = { kind: "duplicate", head: Buffer.alloc(32) };
    assert.equal(await batches.submit(good, NEVER), true);
  });

  it("are not heard of any more once the conversation is over", async () => {
    const { intake: batches } = intake("connection-start");
    const over = new AbortController();
    const submitted = batches.submit(good, over.signal);
    over.abort(new Error("over"));
    await assert.rejects(submitted, { message: "over" });
  });
});

describe("patience", () => {
  const batch = {
    agency: 1 as AgencyId,
    count: 1,
    lines: Buffer.from("1"),
    place: "following" as const,
  };

  it("submits a batch again after the pause that the store asks for", async () => {
    const { waits, tick, settle, submitted } = patient();
    const verdict = submitPatiently(waits, batch, new AbortController().signal);
    settle({ kind: "busy", retryAfterMs: 50 });
    await turn();
    tick(49);
    assert.equal(submitted(), 1);
    tick(1);
    await turn();
    assert.equal(submitted(), 2);
    settle({ kind: "late" });
    assert.deepEqual(await verdict, { kind: "late" });
  });

  it("ends with the connection, leaving no timer", async () => {
    const { waits, settle, timers } = patient();
    const gone = new AbortController();
    const verdict = submitPatiently(waits, batch, gone.signal);
    settle({ kind: "busy", retryAfterMs: 50 });
    await turn();
    assert.equal(timers(), 1);
    gone.abort(new Error("gone"));
    await assert.rejects(verdict, { message: "gone" });
    assert.equal(timers(), 0);
  });

  it("records DONE again while there is no room, and knows strangers", async () => {
    const { desk, waits, tick } = patient();
    const { signal } = new AbortController();
    const done = recordDone(waits, 1 as AgencyId, signal);
    await desk.recordDone({ kind: "busy", retryAfterMs: 10 });
    tick(10);
    await turn();
    await desk.recordDone({ kind: "done" });
    assert.equal(await done, true);
    const stranger = recordDone(waits, 9 as AgencyId, signal);
    await desk.recordDone({ kind: "unknown-agency" });
    assert.equal(await stranger, false);
  });
});

function patient(): {
  desk: ScriptedDesk;
  waits: Pick<ServeContext, "desk" | "clock">;
  tick: (ms: number) => void;
  settle: (verdict: DeskVerdict) => void;
  submitted: () => number;
  timers: () => number;
} {
  const desk = new ScriptedDesk();
  const clock = fakeClock();
  const settles: ((verdict: DeskVerdict) => void)[] = [];
  desk.submitUnnumbered = (...[, settle]: unknown[]) =>
    void settles.push(settle as (verdict: DeskVerdict) => void);
  return {
    desk,
    waits: { desk, clock },
    tick: (ms) => clock.tick(ms),
    settle: (verdict) => settles.at(-1)?.(verdict),
    submitted: () => settles.length,
    timers: () => clock.timers,
  };
}
