import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { setImmediate } from "node:timers/promises";
import { DrawDesk } from "../../src/central/draw-desk.ts";
import type { AgencyId } from "../../src/lottery/bet.ts";
import type { ConfirmingLogger } from "../../src/log/logger.ts";
import { counterAt } from "./counter-at.ts";
import { eventsTo } from "../support/events-to.ts";
import { FakeClock } from "../support/fake-clock.ts";
import { openDesk } from "./open-desk.ts";
import { bet } from "./line-peer.ts";
import { memoryStore } from "../stores/memory-store.ts";
import { until } from "../support/turns.ts";
import { memoryLogger } from "../support/memory-logger.ts";

const unexpected = (): never => assert.fail("is not to be called");

const one = 1 as AgencyId;
const two = 2 as AgencyId;

describe("the desk: the draw's line", () => {
  it("is out before anybody is told winners", async () => {
    const store = memoryStore({ agencies: 1 });
    const order: string[] = [];
    let leave: (out: boolean) => void = unexpected;
    const out = new Promise<boolean>((resolve) => {
      leave = resolve;
    });
    const logger: ConfirmingLogger = {
      enabled: () => true,
      log: (_, { action }) => {
        if (action === "sorteo") order.push("line");
      },
      written: () => out,
    };
    const desk = new DrawDesk({
      store,
      events: eventsTo(logger),
      clock: new FakeClock(),
      onFault: unexpected,
    });
    const told = counterAt(desk, one)
      .results(new AbortController().signal)
      .then(() => order.push("winners"));
    const done = counterAt(desk, one).done();
    await until(() => order.length > 0);
    await setImmediate();
    assert.deepEqual(order, ["line"]);
    assert.equal(await counterAt(desk, one).resultsNow(), undefined);
    leave(true);
    await Promise.all([done, told]);
    assert.deepEqual(order, ["line", "winners"]);
  });

  it("is followed by a line with the draw's numbers, and by no person's name", async () => {
    const { desk, submit, lines } = openDesk({ agencies: 2 });
    await submit(1, [bet(1, "100", 7574), bet(1, "101", 1), bet(1, "102", 7574)]);
    await submit(1, [bet(2, "200", 7574)], { agency: 2 });
    await counterAt(desk, one).done();
    await counterAt(desk, two).done();
    assert.deepEqual(
      lines()
        .filter((line) => line.startsWith("INFO "))
        .slice(-2),
      [
        "INFO     action: sorteo | result: success",
        "INFO     action: draw_summary | result: success | draw: 1 | number: 7574 | agencies: 2 | bets: 4 | winners: 3",
      ],
    );
  });

  it("does not delay the draw for a reader that takes nothing, and the store is told so", async () => {
    const store = memoryStore({ agencies: 1 });
    const clock = new FakeClock();
    const logger = { ...memoryLogger(), written: () => new Promise<boolean>(() => undefined) };
    const desk = new DrawDesk({ store, events: eventsTo(logger), clock, onFault: unexpected });
    const done = counterAt(desk, one).done();
    await until(() => clock.timers === 1);
    clock.advance(250);
    await done;
    assert.deepEqual(store.told, [false]);
    assert.equal(logger.of("tell_draw").length, 1);
    assert.equal((await counterAt(desk, one).resultsNow())?.winners.count, 0);
  });

  it("leaves a margin before the first winners, also for agencies that ask for them", async () => {
    const store = memoryStore({ agencies: 1 });
    const clock = new FakeClock();
    const logger = memoryLogger();
    const desk = new DrawDesk({
      store,
      events: eventsTo(logger),
      clock,
      drawMarginMs: 50,
      onFault: unexpected,
    });
    const order: string[] = [];
    const told = counterAt(desk, one)
      .results(new AbortController().signal)
      .then(() => order.push("winners"));
    const done = counterAt(desk, one)
      .done()
      .then(() => order.push("done"));
    await until(() => store.told.length > 0 && clock.timers === 1);
    clock.advance(49);
    await setImmediate();
    assert.deepEqual([order, await counterAt(desk, one).resultsNow()], [[], undefined]);
    clock.advance(1);
    await Promise.all([told, done]);
    assert.equal((await counterAt(desk, one).resultsNow())?.winners.count, 0);
    assert.equal(clock.timers, 0);
  });

  it("leaves no margin while the central stops", async () => {
    const store = memoryStore({ agencies: 1 });
    const clock = new FakeClock();
    const logger = memoryLogger();
    const desk = new DrawDesk({
      store,
      events: eventsTo(logger),
      clock,
      drawMarginMs: 50,
      onFault: unexpected,
    });
    const done = counterAt(desk, one).done();
    await until(() => store.told.length > 0 && clock.timers === 1);
    desk.hurry();
    await done;
    assert.equal(clock.timers, 0);
    const late = memoryStore({ agencies: 1 });
    const other = new DrawDesk({
      store: late,
      events: eventsTo(logger),
      clock,
      drawMarginMs: 50,
      onFault: unexpected,
    });
    other.hurry();
    await counterAt(other, one).done();
    assert.equal(await late.state(), "drawn");
  });
});
