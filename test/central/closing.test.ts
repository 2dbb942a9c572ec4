import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { AgencyId } from "../../src/lottery/bet.ts";
import { bet } from "./line-peer.ts";
import { counterAt } from "./counter-at.ts";
import { openDesk, type OpenDesk } from "./open-desk.ts";
import { FakeClock } from "../support/fake-clock.ts";

const CLOSES_AT_MS = Date.UTC(2026, 10, 20, 21);
const MINUTE_MS = 60_000;

/** A draw of two agencies that closes at nine, a minute before that. */
async function aMinuteBefore(): Promise<OpenDesk> {
  const clock = new FakeClock(new Date(CLOSES_AT_MS - MINUTE_MS));
  const opened = openDesk({ agencies: 2, plan: { closesAtMs: CLOSES_AT_MS } }, clock);
  await opened.desk.recall();
  return opened;
}

/** Lets time pass in small steps, and what is begun in each of them come to its end. */
async function pass(clock: FakeClock, ms: number): Promise<void> {
  for (let rest = ms; rest > 0; rest -= 250) {
    clock.advance(Math.min(rest, 250));
    for (let turn = 0; turn < 4; turn++) await new Promise(setImmediate);
  }
}

const kindOf = async (verdict: ReturnType<OpenDesk["submit"]>): Promise<string> =>
  (await verdict).kind;

describe("P4 a draw that closes at a time of day", () => {
  it("takes a batch before that time, and none from that time on", async () => {
    const { desk, submit, clock, store } = await aMinuteBefore();
    assert.equal(await kindOf(submit(1, [bet(1, "100")])), "stored");
    await pass(clock, MINUTE_MS - 1);
    assert.equal(await kindOf(submit(2, [bet(1, "200")])), "stored");
    clock.advance(1);
    // Held back while the close is not on stable storage; after that it is late.
    assert.equal(await kindOf(submit(3, [bet(1, "300")])), "busy");
    await pass(clock, 100);
    assert.equal(await kindOf(submit(3, [bet(1, "300")])), "late");
    assert.deepEqual(
      store.book.acts.map(({ deed, by }) => [deed.kind, by]),
      [["close", "(clock)"]],
    );
    assert.equal(desk.isOpen, false);
    assert.equal(store.batches.length, 2);
  });

  it("closes also when nothing comes, once, and performs the draw", async () => {
    const { clock, store, lines } = await aMinuteBefore();
    await pass(clock, 2 * MINUTE_MS);
    assert.equal(store.book.acts.length, 1);
    assert.equal(store.draws, 1);
    assert.ok(
      lines().includes(
        "INFO     action: record_act | result: success | draw: 1 | act: close | by: (clock) | reason: its time has come | closed_out: 1, 2",
      ),
      lines().join("\n"),
    );
    await pass(clock, 10 * MINUTE_MS);
    assert.equal(store.book.acts.length, 1);
  });

  it("does not open again when the clock goes back after the close", async () => {
    const { clock, store, submit } = await aMinuteBefore();
    await pass(clock, 2 * MINUTE_MS);
    clock.setDate(new Date(CLOSES_AT_MS - 60 * MINUTE_MS));
    await pass(clock, 5 * MINUTE_MS);
    assert.equal(await kindOf(submit(1, [bet(1, "100")])), "late");
    assert.equal(store.book.acts.length, 1);
  });

  it("holds batches back for a minute when the clock jumps over its time, and then closes", async () => {
    const { clock, store, submit } = await aMinuteBefore();
    clock.setDate(new Date(CLOSES_AT_MS + 60 * MINUTE_MS));
    assert.equal(await kindOf(submit(1, [bet(1, "100")])), "busy");
    await pass(clock, 30_000);
    assert.equal(store.book.acts.length, 0);
    await pass(clock, 31_000);
    assert.equal(store.book.acts.length, 1);
    assert.equal(await kindOf(submit(1, [bet(1, "100")])), "late");
  });

  it("goes on when such a jump is taken back", async () => {
    const { clock, store, submit } = await aMinuteBefore();
    clock.setDate(new Date(CLOSES_AT_MS + 60 * MINUTE_MS));
    await pass(clock, 10_000);
    assert.equal(await kindOf(submit(1, [bet(1, "100")])), "busy");
    clock.setDate(new Date(CLOSES_AT_MS - 50_000));
    assert.equal(await kindOf(submit(1, [bet(1, "100")])), "stored");
    assert.equal(store.book.acts.length, 0);
    await pass(clock, MINUTE_MS);
    assert.equal(store.book.acts.length, 1);
  });

  it("keeps trying while there is no room for its record, and tells nobody `late` before", async () => {
    const { clock, store, submit } = await aMinuteBefore();
    store.refuseNext(3);
    await pass(clock, MINUTE_MS);
    assert.equal(store.book.acts.length, 0);
    assert.equal(await kindOf(submit(1, [bet(1, "100")])), "busy");
    await pass(clock, 1000);
    assert.equal(store.book.acts.length, 1);
    assert.equal(await kindOf(submit(1, [bet(1, "100")])), "late");
  });

  it("lets an operator close it before, and does not close it again", async () => {
    const { clock, desk, store } = await aMinuteBefore();
    const closed = desk.act({ kind: "close" }, "ana", "power cut");
    await pass(clock, 100);
    assert.deepEqual(await closed, { kind: "done" });
    await pass(clock, 5 * MINUTE_MS);
    assert.deepEqual(
      store.book.acts.map(({ by }) => by),
      ["ana"],
    );
  });

  it("is sealed by the last DONE before, and has no act then", async () => {
    const { clock, desk, store } = await aMinuteBefore();
    for (const agency of [1, 2] as AgencyId[]) {
      const done = counterAt(desk, agency).done();
      await pass(clock, 10);
      assert.equal((await done).kind, "done");
    }
    await pass(clock, 5 * MINUTE_MS);
    assert.deepEqual([store.book.state, store.book.acts.length], ["drawn", 0]);
  });
});
