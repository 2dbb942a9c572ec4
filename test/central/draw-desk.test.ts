import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { setImmediate } from "node:timers/promises";
import { DrawDesk } from "../../src/central/draw-desk.ts";
import type { AgencyId } from "../../src/lottery/bet.ts";
import { encodeLines } from "../../src/lottery/canonical-line.ts";
import { silentLogger } from "../../src/log/logger.ts";
import type { BatchVerdict } from "../../src/protocols/counter.ts";
import { counterAt } from "./counter-at.ts";
import { eventsTo } from "../support/events-to.ts";
import { FakeClock } from "../support/fake-clock.ts";
import { openDesk } from "./open-desk.ts";
import { bet } from "./line-peer.ts";
import { memoryStore } from "../stores/memory-store.ts";
import { memoryLogger } from "../support/memory-logger.ts";
import { documentsOf } from "../support/documents.ts";

const unexpected = (): never => assert.fail("is not to be called");

const one = 1 as AgencyId;
const two = 2 as AgencyId;

describe("the desk: batches", () => {
  it("logs a stored batch once, when it is stored, and a repeated batch as repeated", async () => {
    const { submit, lines, store } = openDesk();
    store.hold();
    const bets = [bet(1, "100"), bet(1, "200")];
    const stored = submit(1, bets);
    assert.deepEqual(lines(), []);
    store.release();
    assert.equal((await stored).kind, "stored");
    assert.equal((await submit(1, bets)).kind, "duplicate");
    assert.deepEqual(lines(), [
      "INFO     action: apuesta_recibida | result: success | cantidad: 2",
      "INFO     action: apuesta_repetida | result: success | cantidad: 2 | agency: 1",
    ]);
    assert.equal(store.batches.length, 1);
  });

  it("logs a single bet by document and number, which it reads before its bytes are gone", async () => {
    const { submit, lines } = openDesk();
    const single = [bet(1, "0030904465", 7574)];
    assert.equal((await submit(1, single, { single: true })).kind, "stored");
    assert.equal((await submit(1, single, { single: true })).kind, "duplicate");
    assert.deepEqual(lines(), [
      "INFO     action: apuesta_almacenada | result: success | dni: 0030904465 | numero: 7574",
      "INFO     action: apuesta_repetida | result: success | cantidad: 1 | agency: 1",
    ]);
  });

  it("refuses the whole batch for one bad bet, and says which bet and why", async () => {
    const { submit, lines, store } = openDesk();
    const verdict = await submit(1, [bet(1, "100"), bet(1, "4294967296"), bet(1, "x")]);
    assert.equal(verdict.kind, "invalid");
    assert.deepEqual(lines(), [
      "WARNING  action: apuesta_recibida | result: fail | cantidad: 3",
      "WARNING  action: refuse_batch | result: fail | agency: 1 | sequence: 1 | count: 3" +
        " | code: INVALID | index: 1 | field: document | reason: is larger than 4294967295",
    ]);
    assert.deepEqual(store.batches, []);
  });

  it("refuses conflicts, gaps and late batches, each with its code", async () => {
    const { submit, lines, desk } = openDesk({ agencies: 1 });
    await submit(1, [bet(1, "100")]);
    assert.equal((await submit(1, [bet(1, "200")])).kind, "conflict");
    assert.deepEqual(await submit(3, [bet(1, "300")]), { kind: "gap", expected: 2 });
    await counterAt(desk, one).done();
    assert.equal((await submit(2, [bet(1, "200")])).kind, "late");
    assert.deepEqual(lines(), [
      "INFO     action: apuesta_recibida | result: success | cantidad: 1",
      "WARNING  action: apuesta_recibida | result: fail | cantidad: 1",
      "WARNING  action: refuse_batch | result: fail | agency: 1 | sequence: 1 | count: 1 | code: CONFLICT",
      // The bets of a batch that leaves a gap are not checked, because the batch comes again.
      "DEBUG    action: refuse_batch | result: fail | agency: 1 | sequence: 3 | count: 1 | code: GAP | expected: 2",
      "INFO     action: register_done | result: success | agency: 1 | done: 1 | of: 1",
      "INFO     action: sorteo | result: success",
      "INFO     action: draw_summary | result: success | draw: 1 | number: 7574 | agencies: 1 | bets: 1 | winners: 0",
      "WARNING  action: apuesta_recibida | result: fail | cantidad: 1",
      "WARNING  action: refuse_batch | result: fail | agency: 1 | sequence: 2 | count: 1 | code: LATE",
    ]);
  });

  it("does not call a batch refused that may come again", async () => {
    const { submit, store, lines } = openDesk();
    store.refuseNext(1);
    assert.deepEqual(await submit(1, [bet(1, "100")]), { kind: "busy", retryAfterMs: 50 });
    assert.equal((await submit(1, [bet(1, "100")])).kind, "stored");
    assert.deepEqual(lines(), [
      "WARNING  action: defer_batch | result: fail | agency: 1 | sequence: 1 | count: 1 | retry_after_ms: 50",
      "INFO     action: apuesta_recibida | result: success | cantidad: 1",
    ]);
  });

  it("refuses a batch with a bet of another agency", async () => {
    const { submit, store } = openDesk({ agencies: 3 });
    assert.equal((await submit(1, [bet(2, "100")], { agency: 3 })).kind, "invalid");
    assert.deepEqual(store.batches, []);
  });

  it("refuses a batch with a wrong count, and an empty batch", async () => {
    const { submit } = openDesk();
    for (const count of [0, 1, 3]) {
      const verdict = await submit(1, [bet(1, "100"), bet(1, "200")], { count });
      assert.equal(verdict.kind, "invalid", String(count));
    }
    assert.equal((await submit(1, [])).kind, "invalid");
  });

  it("judges birthdates by the current day, also after midnight", async () => {
    const { submit, clock } = openDesk();
    const born = { ...bet(1, "100"), birthdate: "2024-08-22" };
    assert.equal((await submit(1, [born])).kind, "invalid");
    clock.setDate(new Date("2024-08-22T00:00:01Z"));
    clock.advance(1000);
    assert.equal((await submit(1, [born])).kind, "stored");
  });

  it("makes no log lines when the log is off", async () => {
    const store = memoryStore();
    const logger = { ...silentLogger, log: () => assert.fail("nothing is to be logged") };
    const desk = new DrawDesk({
      store,
      events: eventsTo(logger),
      clock: new FakeClock(),
      onFault: unexpected,
    });
    const lines = encodeLines([bet(1, "100")]);
    const submit = (sequence: number): Promise<BatchVerdict> =>
      new Promise((resolve) =>
        counterAt(desk, one).submit({ sequence, count: 1, lines, single: true }, resolve),
      );
    assert.equal((await submit(1)).kind, "stored");
    assert.equal((await submit(3)).kind, "gap");
  });
});

describe("the desk: the draw", () => {
  it("is performed once, whichever agency is last, and logged once", async () => {
    const { desk, store, logger } = openDesk({ agencies: 5 });
    const agencies = [1, 2, 3, 4, 5] as AgencyId[];
    const verdicts = await Promise.all(
      [...agencies, ...agencies].map((agency) => counterAt(desk, agency).done()),
    );
    assert.ok(verdicts.every(({ kind }) => kind === "done"));
    assert.equal(store.draws, 1);
    assert.equal(logger.of("sorteo").length, 1);
  });

  it("is not performed while an agency is missing, or when its claim differs", async () => {
    const { desk, store } = openDesk({ agencies: 2 });
    await counterAt(desk, one).done();
    const claim = { batches: 1, bets: 1, head: new Uint8Array(32) };
    assert.equal((await counterAt(desk, two).done(claim)).kind, "mismatch");
    assert.equal(store.draws, 0);
    assert.equal(await counterAt(desk, one).resultsNow(), undefined);
  });

  it("warns of an agency that is done with no stored bet and refused batches", async () => {
    const { submit, desk, lines, clock } = openDesk();
    clock.setDate(new Date("1980-01-01T00:00:00Z"));
    const warnings = (): string[] => lines().filter((line) => line.includes("register_done"));
    await submit(1, [bet(1, "100")]);
    await submit(1, [bet(1, "100")]);
    await submit(2, [bet(1, "200")]);
    await counterAt(desk, two).done();
    assert.deepEqual(warnings(), [
      "INFO     action: register_done | result: success | agency: 2 | done: 1 | of: 5 | waiting_for: 1, 3, 4, 5",
    ]);
    await counterAt(desk, one).done();
    assert.deepEqual(warnings().slice(1), [
      "INFO     action: register_done | result: success | agency: 1 | done: 2 | of: 5 | waiting_for: 3, 4, 5",
      "WARNING  action: register_done | result: success | agency: 1 | stored_bets: 0 | refused_batches: 3" +
        " | reason: it is done, and every batch of it was refused: look at their reasons, and at the clock",
    ]);
  });

  it("does not warn of an agency that has a stored bet", async () => {
    const { submit, desk, lines } = openDesk();
    await submit(1, [bet(1, "x")]);
    await submit(1, [bet(1, "100")]);
    await submit(3, [bet(1, "300")]);
    await counterAt(desk, one).done();
    assert.deepEqual(
      lines().filter((line) => line.includes("register_done")),
      [
        "INFO     action: register_done | result: success | agency: 1 | done: 1 | of: 5 | waiting_for: 2, 3, 4, 5",
      ],
    );
  });

  it("is performed at the start when a crash came between seal and draw", async () => {
    const store = memoryStore({ agencies: 1 });
    await store.done(one);
    assert.equal(await store.state(), "sealed");
    const logger = memoryLogger();
    const desk = new DrawDesk({
      store,
      events: eventsTo(logger),
      clock: new FakeClock(),
      onFault: unexpected,
    });
    await desk.drawIfSealed();
    await desk.drawIfSealed();
    assert.equal(store.draws, 1);
    assert.equal(logger.of("sorteo").length, 1);
  });

  it("tells an agency only its own winners, and no agency anything before", async () => {
    const { desk, submit } = openDesk({ agencies: 2 });
    await submit(1, [bet(1, "100", 7574), bet(1, "101", 1), bet(1, "102", 7574)]);
    await submit(1, [bet(2, "200", 7574)], { agency: 2 });
    const waits = [one, two].map((agency) =>
      counterAt(desk, agency).results(new AbortController().signal),
    );
    await counterAt(desk, one).done();
    assert.equal(await counterAt(desk, one).resultsNow(), undefined);
    await counterAt(desk, two).done();
    const [ofOne, ofTwo] = await Promise.all(waits);
    assert.deepEqual(await documentsOf(ofOne?.winners), ["100", "102"]);
    assert.deepEqual(await documentsOf(ofTwo?.winners), ["200"]);
    assert.deepEqual(await documentsOf((await counterAt(desk, two).resultsNow())?.winners), [
      "200",
    ]);
    // No other agency's counts or heads either.
    assert.deepEqual(Object.keys(ofOne?.outcome ?? {}), ["draw", "winningNumber", "seal"]);
  });

  it("is not awaited any more by peers that are gone", async () => {
    const { desk } = openDesk();
    const gone = new AbortController();
    const left = counterAt(desk, one).results(gone.signal);
    gone.abort(new Error("gone"));
    await assert.rejects(left, /gone/);
  });
});

describe("the desk: failure", () => {
  it("confirms nothing after a halt, even what the store still settles", async () => {
    const { desk, store, submit, logger } = openDesk();
    store.hold();
    let confirmed = false;
    void submit(1, [bet(1, "100")]).then(() => (confirmed = true));
    const settled = desk.settled();
    desk.halt();
    await settled;
    store.release();
    await store.close();
    assert.equal(store.batches.length, 1);
    assert.equal(confirmed, false);
    assert.deepEqual(logger.of("apuesta_recibida"), []);
  });

  it("knows when everything is settled", async () => {
    const { desk, store, submit } = openDesk();
    await desk.settled();
    store.hold();
    const order: string[] = [];
    const batch = submit(1, [bet(1, "100")]).then(() => order.push("batch"));
    const settled = desk.settled().then(() => order.push("settled"));
    await setImmediate();
    assert.deepEqual(order, []);
    store.release();
    await Promise.all([batch, settled]);
    assert.deepEqual(order, ["batch", "settled"]);
  });

  it("counts a DONE as unsettled until its draw is performed", async () => {
    const { desk, store } = openDesk({ agencies: 1 });
    const done = counterAt(desk, one).done();
    await desk.settled();
    assert.equal(store.draws, 1);
    await done;
  });

  it("passes on a failure of the store, and does not report it as its own", async () => {
    const { desk, store, faults } = openDesk();
    store.hold();
    const done = counterAt(desk, one).done();
    store.fail();
    await assert.rejects(done, { code: "STORE_FAILED" });
    assert.deepEqual(faults, []);
  });

  it("reports a store that breaks its promises", async () => {
    const store = memoryStore();
    const broken = new RangeError("Cannot enter batch 1");
    const faults: unknown[] = [];
    const desk = new DrawDesk({
      store: {
        ...store,
        submit: () => {
          throw broken;
        },
        done: () => Promise.reject(broken),
      },
      events: eventsTo(silentLogger),
      clock: new FakeClock(),
      onFault: (error) => faults.push(error),
    });
    const lines = encodeLines([bet(1, "100")]);
    assert.throws(() => counterAt(desk, one).submit({ sequence: 1, count: 1, lines }, unexpected));
    await assert.rejects(counterAt(desk, one).done(), broken);
    assert.deepEqual(faults, [broken, broken]);
  });
});
