import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { Act, Deed } from "../../../src/lottery/act.ts";
import type { ActVerdict, Delay } from "../../../src/store/bet-store.ts";
import { verifyDraw } from "../../../src/stores/ledger/verify.ts";
import { MemoryDisk } from "../../support/disk-memory.ts";
import { FakeClock } from "../../support/fake-clock.ts";
import { actOf, agency, batchOf, close, submit, tell } from "../conformance/batches.ts";
import {
  DATA_DIR,
  DRAW_DIR,
  eventually,
  openOn,
  segmentPath,
  segmentReady,
} from "./ledger-fixture.ts";

const cancel = actOf({ kind: "cancel" });
const closeOut = (of: number): Act => actOf({ kind: "close-out", agency: agency(of) });

const LATE = { winningNumber: undefined } as const;

describe("P1 an act that is on its way to the disk", () => {
  const cases: readonly [what: string, act: Act, after: string][] = [
    ["a close", close, "sealed"],
    ["the close-out of the last agency", closeOut(1), "sealed"],
    ["a cancellation", cancel, "cancelled"],
  ];
  for (const [what, act, after] of cases) {
    it(`is shown to nobody before it is on stable storage: ${what}`, async () => {
      const disk = new MemoryDisk();
      const store = await openOn(disk);
      await submit(store, batchOf(1, 1));
      await store.done(agency(2));
      await segmentReady(disk, 3);
      const held: (() => void)[] = [];
      let holding = true;
      disk.defer = (write) => void (holding ? held.push(write) : setImmediate(write));
      const seen: string[] = [];
      const see = (what: string) => (): void => void seen.push(what);
      const acting = store.act(act).then(see("act"));
      const again = store.act(act).then(see("again"));
      const acts = store.acts().then(see("acts"));
      const late = submit(store, batchOf(1, 2)).then(see("late"));
      const drawn = store.whenDrawn().catch(see("drawn"));
      await eventually("a write", () => held.length > 0);
      for (let turns = 0; turns < 20; turns++) {
        void store.state().then((state) => assert.ok(state === "open" || !holding, state));
        void store
          .standing(agency(1))
          .then(({ closedOut }) => assert.ok(closedOut !== true || !holding));
        await new Promise(setImmediate);
      }
      assert.deepEqual(seen, []);
      holding = false;
      for (const write of held) write();
      await Promise.all([acting, again, acts, late]);
      assert.equal(await store.state(), after);
      await store.close();
      await drawn;
    });
  }
});

describe("a full disk", () => {
  const plan = { ...LATE, secondOperator: true, byOperator: true, agencies: 3 };
  // Segments with room for the whole reserve.
  const sizes = { segmentBytes: 64 * 1024, groupBytes: 4096, batchBytesMax: 1024 };

  it("P9 does not prevent that a draw is closed, that its number is told, and that it takes place", async () => {
    const disk = new MemoryDisk();
    const clock = new FakeClock();
    disk.capacityBytes = 3 * sizes.segmentBytes + 8192;
    const store = await openOn(disk, { ...plan, ...sizes, clock });
    await store.act(actOf({ kind: "open" }, "(timetable)", ""));
    let next = 1;
    for (;;) {
      const { kind } = await submit(store, batchOf(1, next));
      if (kind === "stored") next++;
      else if (store.congested) await new Promise(setImmediate);
      else break;
    }
    disk.capacityBytes = 0;
    const long = "r".repeat(256);
    const act = (deed: Deed, by: string): Promise<ActVerdict> => store.act(actOf(deed, by, long));
    const busy: ActVerdict = { kind: "busy", retryAfterMs: 1000 };
    // An agency that is closed out takes room that others need, if batches have left none.
    assert.deepEqual(await act({ kind: "close-out", agency: agency(2) }, "ana"), busy);
    assert.deepEqual(await store.done(agency(3)), { kind: "done" });
    assert.deepEqual(await act({ kind: "close" }, "ana"), { kind: "done" });
    assert.equal(await store.state(), "sealed");
    // Numbers are proposed until no more fit: they leave room for the rest.
    let proposals = 0;
    let verdict: ActVerdict = { kind: "done" };
    for (; verdict.kind === "done" && proposals < 100; proposals++) {
      verdict = await act({ kind: "propose-number", number: proposals }, "ana");
    }
    assert.deepEqual(verdict, busy);
    assert.ok(proposals > 1);
    const number = proposals - 2;
    assert.deepEqual(await act({ kind: "tell-number", number }, "eva"), { kind: "done" });
    assert.deepEqual(await act({ kind: "run" }, "eva"), { kind: "done" });
    assert.deepEqual(await store.performDraw(tell), { performed: true });
    assert.equal(await store.state(), "drawn");
    disk.capacityBytes = Number.POSITIVE_INFINITY;
    clock.advance(1000);
    await eventually("seal.json", () => disk.paths.includes(`${DRAW_DIR}/seal.json`));
    await store.close();
    assert.equal((await verifyDraw(DATA_DIR, "1", disk)).difference, undefined);
  });
});

const shortage = (): Promise<never> =>
  Promise.reject(Object.assign(new Error("EMFILE: list"), { code: "EMFILE" }));

describe("a close while the draw's files cannot be looked at", () => {
  it("is sealed when they can be, and answered then", async () => {
    const disk = new MemoryDisk();
    const clock = new FakeClock();
    const delays: Delay[] = [];
    const store = await openOn(disk, { clock, onDelay: (delay) => delays.push(delay) });
    await submit(store, batchOf(1, 1));
    await segmentReady(disk, 3);
    const list = disk.list.bind(disk);
    disk.list = shortage;
    let closed = false;
    const closing = store.act(close).then((verdict) => {
      closed = true;
      return verdict;
    });
    await eventually("it waits", () => delays.length > 0);
    assert.equal(await store.state(), "open");
    assert.deepEqual(await submit(store, batchOf(1, 2)), { kind: "late" });
    assert.equal(closed, false);
    disk.list = list;
    clock.advance(1000);
    assert.deepEqual(await closing, { kind: "done" });
    assert.equal(await store.state(), "sealed");
    assert.deepEqual(
      delays.map(({ kind }) => kind),
      ["waits", "over"],
    );
    await store.close();
  });

  it("ends with the store, and the next start seals the draw", async () => {
    const disk = new MemoryDisk();
    const delays: Delay[] = [];
    const clock = new FakeClock();
    const store = await openOn(disk, { clock, onDelay: (delay) => delays.push(delay) });
    await submit(store, batchOf(1, 1));
    await segmentReady(disk, 3);
    const list = disk.list.bind(disk);
    let looks = 0;
    disk.list = () => {
      looks++;
      return shortage();
    };
    const closing = assert.rejects(store.act(close), { code: "STORE_CLOSED" });
    await eventually("it waits", () => delays.length > 0);
    await store.close();
    await closing;
    const before = looks;
    for (let turns = 0; turns < 20; turns++) await new Promise(setImmediate);
    assert.equal(looks, before, "it does not go on for ever");
    disk.list = list;
    const again = await openOn(disk);
    assert.equal(await again.state(), "sealed");
    assert.deepEqual(await again.acts(), [close]);
    await again.close();
  });
});

const segmentsOf = (disk: MemoryDisk): string[] =>
  disk.paths.filter((path) => path.endsWith(".seg"));

describe("a cancelled draw", () => {
  it("leaves no empty segments, also when a crash comes before their removal", async () => {
    const disk = new MemoryDisk();
    const store = await openOn(disk, { onFailure: () => undefined });
    await submit(store, batchOf(1, 1));
    await segmentReady(disk, 3);
    disk.onStep = ({ kind }) => (kind === "remove" ? { kind: "crash" } : undefined);
    await store.act(cancel).catch(() => undefined);
    const killed = disk.powerCut();
    assert.ok(segmentsOf(killed).length > 1);
    const again = await openOn(killed);
    assert.equal(await again.state(), "cancelled");
    assert.deepEqual(segmentsOf(killed), [segmentPath(1)]);
    await again.close();
    assert.equal(killed.openFiles, 0);
    const { state, acts, difference, files, seal } = await verifyDraw(DATA_DIR, "1", killed);
    assert.deepEqual(
      { state, acts, difference, files, seal },
      { state: "cancelled", acts: [cancel], difference: undefined, files: "none", seal: undefined },
    );
  });
});

describe("P4 a draw that is cancelled", () => {
  it("is so as soon as that is on stable storage, while its spare files are still being removed", async () => {
    const disk = new MemoryDisk();
    const store = await openOn(disk);
    await submit(store, batchOf(1, 1));
    await segmentReady(disk, 3);
    const remove = disk.remove.bind(disk);
    let letRemove: () => void = assert.fail;
    const free = new Promise<void>((resolve) => {
      letRemove = resolve;
    });
    disk.remove = (path) => free.then(() => remove(path));
    // Until this is answered, the central takes the draw for an open one, which an agency may mean.
    assert.equal((await store.act(cancel)).kind, "done");
    assert.equal(await store.state(), "cancelled");
    assert.ok(disk.paths.includes(segmentPath(3)));
    const closed = store.close();
    letRemove();
    await closed;
    assert.equal(disk.openFiles, 0);
    assert.ok(!disk.paths.includes(segmentPath(3)));
  });
});

describe("P4 a draw that is sealed", () => {
  it("is so as soon as its seal is on stable storage, while a later act is still on its way", async () => {
    const disk = new MemoryDisk();
    const store = await openOn(disk, LATE);
    await submit(store, batchOf(1, 1));
    await segmentReady(disk, 3);
    const held: (() => void)[] = [];
    disk.defer = (write) => void held.push(write);
    const letWrite = async (): Promise<void> => {
      await eventually("a write", () => held.length > 0);
      for (const write of held.splice(0)) write();
    };
    const closing = store.act(close);
    await eventually("the write of the close and the seal", () => held.length > 0);
    const proposing = store.act(actOf({ kind: "propose-number", number: 7 }));
    await letWrite();
    assert.equal((await closing).kind, "done");
    // Until it is known here, the central takes the draw for an open one, which an agency may mean.
    const seen: string[] = [];
    const known = store.state().then((state) => seen.push(state));
    await eventually("the state", () => seen.length > 0);
    assert.deepEqual(seen, ["sealed"]);
    await known;
    await letWrite();
    assert.equal((await proposing).kind, "done");
    disk.defer = setImmediate;
    await store.close();
  });
});
