import assert from "node:assert/strict";
import { EventEmitter, once } from "node:events";
import { describe, it } from "node:test";
import { DRAWS_OVER_MAX, DrawRegister } from "../../src/central/draw-register.ts";
import { TimetableKeeper } from "../../src/central/timetable-keeper.ts";
import type { Deed } from "../../src/lottery/act.ts";
import type { DrawPlan } from "../../src/lottery/draw-plan.ts";
import { Timetable, type TimetableEntry } from "../../src/timetable/timetable.ts";
import { type MemoryStore, memoryStore } from "../stores/memory-store.ts";
import { FakePeer } from "../protocols/fake-peer.ts";
import { eventsTo } from "../support/events-to.ts";
import { FakeClock } from "../support/fake-clock.ts";
import { turns } from "../support/turns.ts";
import { type MemoryLogger, memoryLogger, writtenLines } from "../support/memory-logger.ts";

const OPEN = { kind: "open" } as const;
const plan = (name: string, more: Partial<DrawPlan> = {}): DrawPlan => ({
  name,
  winningNumber: 7574,
  agencies: 2,
  ...more,
});

interface Register {
  readonly draws: DrawRegister;
  readonly clock: FakeClock;
  readonly logger: MemoryLogger;
  readonly opened: MemoryStore[];
  failing: boolean;
}

function newRegister({ told, at = 0 }: { told?: string; at?: number } = {}): Register {
  const clock = new FakeClock(new Date(at));
  const logger = memoryLogger();
  const opened: MemoryStore[] = [];
  const register: Register = {
    clock,
    logger,
    opened,
    failing: false,
    draws: new DrawRegister({
      events: eventsTo(logger),
      clock,
      drawMarginMs: 0,
      told,
      onFault: (error) => assert.fail(String(error)),
      openDraw: (asked) => {
        if (register.failing) return Promise.reject(new Error("no room"));
        const store = memoryStore({ agencies: asked.agencies, plan: asked });
        opened.push(store);
        return Promise.resolve(store);
      },
    }),
  };
  return register;
}

const open = (
  draws: DrawRegister,
  name: string,
  deed: Extract<Deed, { kind: "open" | "cancel" }> = OPEN,
) => draws.open(plan(name), deed, "ana", "");

const currentOf = ({ current }: DrawRegister): string | undefined => current?.draw;

describe("the register of draws", () => {
  it("means the only open draw when a peer names none, else the one that it was told, else none", async () => {
    const { draws } = newRegister({ told: "a" });
    assert.equal(currentOf(draws), undefined);
    await open(draws, "b");
    assert.equal(currentOf(draws), "b");
    await open(draws, "a");
    assert.equal(currentOf(draws), "a");
    await draws.find("a")?.act({ kind: "close" }, "ana", "");
    assert.equal(currentOf(draws), "b");
    await draws.find("b")?.act({ kind: "close" }, "ana", "");
    assert.equal(currentOf(draws), "a");

    const untold = newRegister().draws;
    await open(untold, "x");
    await untold.find("x")?.act({ kind: "close" }, "ana", "");
    assert.equal(currentOf(untold), undefined);
  });

  it("keeps a connection with the draw that it means, also when another one opens", async () => {
    const { draws } = newRegister();
    await open(draws, "monday");
    const monday = draws.admitter(new FakePeer());
    assert.equal(monday.admit({ draw: "", agency: 1 }).kind, "counter");
    await draws.find("monday")?.act({ kind: "close" }, "ana", "");
    await open(draws, "tuesday");
    const still = monday.admit({ draw: "", agency: 1 });
    assert.ok(still.kind === "counter");
    assert.equal((await still.draw()).name, "monday");
    const fresh = draws.admitter(new FakePeer()).admit({ draw: "", agency: 1 });
    assert.ok(fresh.kind === "counter");
    assert.equal((await fresh.draw()).name, "tuesday");
  });

  it("refuses a peer that names no draw when there is none that it must mean", async () => {
    const { draws, logger } = newRegister();
    for (const name of ["a", "b"]) await open(draws, name);
    const admitter = draws.admitter(new FakePeer());
    const claim = { draw: "", agency: 1 };
    assert.equal(admitter.admit({ ...claim, wants: "attend" }).kind, "no-current-draw");
    assert.equal(admitter.admit({ ...claim, wants: { bets: 3 } }).kind, "no-current-draw");
    assert.equal(admitter.admit({ ...claim, draw: "c" }).kind, "unknown-draw");
    assert.equal(admitter.admit({ ...claim, draw: "b" }).kind, "counter");
    const lines = writtenLines(logger);
    assert.ok(
      lines.some((line) => line.endsWith("reason: no-current-draw")),
      lines.join("\n"),
    );
    assert.ok(
      lines.some((line) => line.endsWith("code: NO_CURRENT_DRAW")),
      lines.join("\n"),
    );
  });

  it("opens a draw once, however often that is asked, and says so", async () => {
    const { draws, opened } = newRegister();
    const answers = await Promise.all([open(draws, "a"), open(draws, "a"), open(draws, "a")]);
    assert.deepEqual(answers.map(({ kind }) => kind).toSorted(), ["already", "already", "done"]);
    assert.equal(opened.length, 1);
    assert.deepEqual(
      opened[0]?.book.acts.map(({ deed }) => deed.kind),
      ["open"],
    );
  });

  it("lets nobody into a scheduled draw that is cancelled", async () => {
    const { draws } = newRegister();
    assert.deepEqual(await open(draws, "a", { kind: "cancel" }), { kind: "done" });
    assert.equal(await draws.find("a")?.store.state(), "cancelled");
    assert.equal(currentOf(draws), undefined);
    const admitter = draws.admitter(new FakePeer());
    assert.equal(admitter.admit({ draw: "a", agency: 1 }).kind, "draw-cancelled");
    assert.deepEqual(await open(draws, "a"), { kind: "refused", why: "not-open" });
    assert.deepEqual(await open(draws, "a", { kind: "cancel" }), { kind: "already" });
  });

  it("does not take another plan, or a close that has passed, for what was asked", async () => {
    const { draws } = newRegister({ at: 1000 });
    await open(draws, "a");
    const other = await draws.open(plan("a", { agencies: 3 }), OPEN, "ana", "");
    assert.deepEqual(other, { kind: "refused", why: "other-plan" });
    const past = await draws.open(plan("b", { closesAtMs: 1000 }), OPEN, "ana", "");
    assert.deepEqual(past, { kind: "refused", why: "closes-in-past" });
    assert.equal(draws.find("b"), undefined);
  });

  it("lets the oldest draws go that are over when there are more than sixteen", async () => {
    const { draws, opened, clock } = newRegister();
    const openOne = async (name: string, more: Partial<DrawPlan> = {}): Promise<void> => {
      await draws.open(plan(name, { openedBy: "ana", ...more }), OPEN, "ana", "");
      await draws.find(name)?.act({ kind: "close" }, "ana", "");
    };
    const names = (): string[] => draws.all().map(({ draw }) => draw);
    await openOne("timed", { closesAtMs: 60_000 });
    await openOne("visited");
    const peer = draws.admitter(new FakePeer());
    assert.equal(peer.admit({ draw: "visited", agency: 1 }).kind, "counter");
    await draws.open(plan("open", { openedBy: "ana" }), OPEN, "ana", "");
    await openOne("told", { openedBy: undefined });
    for (let day = 1; day <= DRAWS_OVER_MAX + 2; day++) await openOne(`day ${day}`);
    const stays = ["timed", "visited", "open", "told"];
    const days = Array.from({ length: DRAWS_OVER_MAX + 1 }, (_, index) => `day ${index + 2}`);
    assert.deepEqual(names(), [...stays, ...days]);
    assert.deepEqual(
      opened.filter(({ closed }) => closed).map(({ draw }) => draw),
      ["day 1"],
    );

    peer.close();
    clock.advance(60_000);
    await openOne("last");
    assert.deepEqual(names(), ["open", "told", ...days.slice(1), "last"]);
    assert.equal(
      draws.admitter(new FakePeer()).admit({ draw: "timed", agency: 1 }).kind,
      "unknown-draw",
    );
  });

  it("waits at its end for stores of draws that were let go", async () => {
    const { draws, opened } = newRegister();
    const disk = new EventEmitter();
    for (let day = 0; day <= DRAWS_OVER_MAX + 1; day++) {
      await draws.open(plan(`${day}`, { openedBy: "ana" }), OPEN, "ana", "");
      await draws.find(`${day}`)?.act({ kind: "close" }, "ana", "");
      const [first] = opened;
      if (day > 0 || first === undefined) continue;
      first.close = async () => {
        await once(disk, "idle");
      };
    }
    assert.equal(draws.find("0")?.draw, undefined);
    let closed = false;
    const close = async (): Promise<void> => {
      await draws.close(100);
      closed = true;
    };
    const closing = close();
    await turns(20);
    assert.equal(closed, false);
    disk.emit("idle");
    await closing;
  });

  it("opens nothing while the central stops, and closes what was just being opened", async () => {
    const { draws, opened } = newRegister();
    const opening = open(draws, "a");
    draws.hurry();
    await assert.rejects(opening, RangeError);
    await draws.close(100);
    assert.equal(opened[0]?.closed, true);
  });

  it("closes all of its stores, although one cannot be closed", async () => {
    const { draws, opened } = newRegister();
    for (const name of ["a", "b", "c"]) await open(draws, name);
    opened[1]?.spoilClose("reject");
    await assert.rejects(draws.close(100), { code: "STORE_FAILED" });
    assert.deepEqual(
      opened.map(({ closed }) => closed),
      [true, true, true],
    );
  });
});

const NINE_MS = Date.UTC(2026, 11, 1, 9);
const MINUTE_MS = 60_000;
const entry: TimetableEntry = {
  name: "tarde",
  weekdays: new Set(["sun", "mon", "tue", "wed", "thu", "fri", "sat"]),
  opensMinute: 9 * 60,
  closesMinute: 10 * 60,
  except: new Set(),
  agencies: [{ agency: 3, name: "Sur" }],
  number: undefined,
  secondOperator: true,
  byOperator: false,
};

async function pass(clock: FakeClock, ms: number): Promise<void> {
  for (let rest = ms; rest > 0; rest -= 1000) {
    clock.advance(Math.min(rest, 1000));
    for (let turn = 0; turn < 4; turn++) await new Promise(setImmediate);
  }
}

describe("the keeper of the timetable", () => {
  const daily = new Timetable("UTC", [entry]);

  it("opens a draw at its time with its own plan, and the draw closes at its time", async () => {
    const { draws, clock, opened } = newRegister({ at: NINE_MS - 2 * MINUTE_MS });
    const keeper = new TimetableKeeper(draws, daily, clock);
    await keeper.start();
    assert.equal(opened.length, 0);
    assert.deepEqual(
      draws.scheduled().map(({ plan: { name } }) => name),
      ["2026-12-01-tarde", "2026-12-02-tarde"],
    );
    await pass(clock, 3 * MINUTE_MS);
    const [store] = opened;
    assert.equal(store?.draw, "2026-12-01-tarde");
    assert.deepEqual([...(store?.roster ?? [])], [3]);
    const { closesAtMs, secondOperator, openedBy, winningNumber } = store?.plan ?? {};
    assert.deepEqual(
      { closesAtMs, secondOperator, openedBy, winningNumber },
      {
        closesAtMs: NINE_MS + 60 * MINUTE_MS,
        secondOperator: true,
        openedBy: "(timetable)",
        winningNumber: undefined,
      },
    );
    assert.equal(currentOf(draws), "2026-12-01-tarde");
    await pass(clock, 60 * MINUTE_MS);
    assert.equal(store?.book.state, "sealed");
    assert.equal(opened.length, 1);
    keeper.stop();
  });

  it("opens a draw late whose time has come, and none whose time is over", async () => {
    for (const [at, expected] of [
      [NINE_MS + 30 * MINUTE_MS, ["2026-12-01-tarde"]],
      [NINE_MS + 60 * MINUTE_MS, []],
    ] as const) {
      const { draws, clock, opened } = newRegister({ at });
      const keeper = new TimetableKeeper(draws, daily, clock);
      await keeper.start();
      assert.deepEqual(
        opened.map(({ draw }) => draw),
        expected,
      );
      keeper.stop();
    }
  });

  it("opens nothing by a clock that has jumped, until a minute has passed", async () => {
    const { draws, clock, opened } = newRegister({ at: NINE_MS - 300 * MINUTE_MS });
    const keeper = new TimetableKeeper(draws, daily, clock);
    await keeper.start();
    clock.setDate(new Date(NINE_MS + MINUTE_MS));
    await pass(clock, 50_000);
    assert.equal(opened.length, 0);
    await pass(clock, 70_000);
    assert.equal(opened.length, 1);
    keeper.stop();
  });

  it("tries again when a draw could not be opened, and says so at most every ten seconds", async () => {
    const register = newRegister({ at: NINE_MS - 1000 });
    const { draws, clock, opened, logger } = register;
    const keeper = new TimetableKeeper(draws, daily, clock);
    await keeper.start();
    register.failing = true;
    await pass(clock, 35_000);
    const failures = writtenLines(logger).filter((line) => line.includes("open_draw"));
    assert.deepEqual(
      [...new Set(failures)],
      [
        "ERROR    action: open_draw | result: fail | draw: 2026-12-01-tarde | error: Error: no room",
      ],
    );
    assert.ok(failures.length >= 3 && failures.length <= 4, String(failures.length));
    register.failing = false;
    await pass(clock, 11_000);
    assert.equal(opened.length, 1);
    keeper.stop();
  });

  it("goes on with another timetable, and leaves open draws as they are", async () => {
    const { draws, clock, opened } = newRegister({ at: NINE_MS });
    const keeper = new TimetableKeeper(draws, daily, clock);
    await keeper.start();
    keeper.replace(new Timetable("UTC", [{ ...entry, name: "noche", closesMinute: 11 * 60 }]));
    await pass(clock, 2000);
    assert.deepEqual(
      opened.map(({ draw, book }) => [draw, book.state]),
      [
        ["2026-12-01-tarde", "open"],
        ["2026-12-01-noche", "open"],
      ],
    );
    keeper.stop();
  });
});
