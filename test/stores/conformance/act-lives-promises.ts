import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { Act, Deed } from "../../../src/lottery/act.ts";
import type { DrawState } from "../../../src/lottery/draw-book.ts";
import type { ActVerdict, BetStore } from "../../../src/store/bet-store.ts";
import { documentsOf } from "../../support/documents.ts";
import {
  actOf,
  agency,
  batchesOf,
  batchOf,
  close,
  submit,
  submitAll,
  tell,
  WINNING_NUMBER,
  winnersOf,
} from "./batches.ts";
import { fillAndSeal, type Open, opener, type StoreUnderTest } from "./subject.ts";

const DONE: ActVerdict = { kind: "done" };
const ALREADY: ActVerdict = { kind: "already" };

const propose = (number: number, by = "ana"): Act => actOf({ kind: "propose-number", number }, by);
const told = (number: number, by = "ana"): Act => actOf({ kind: "tell-number", number }, by);

const LISTED = [
  { agency: agency(7), name: "Sur" },
  { agency: agency(2), name: "Centro" },
];

/** Acts in several lives of a draw, and acts that leave no trace. */
export function actLivesPromises(subject: StoreUnderTest): void {
  if (!subject.capabilities.remembersActs) return;
  restarts(subject);

  describe("an act that is not recorded", () => {
    it("is one with words or a time that no record may have", async (t) => {
      const store = await opener(subject, t)();
      for (const act of [
        actOf({ kind: "close" }, "two\nlines"),
        actOf({ kind: "close" }, "ana", "x".repeat(257)),
        { ...close, atMs: Number.NaN },
      ]) {
        await assert.rejects(store.act(act), RangeError);
      }
      assert.deepEqual(await store.acts(), []);
      assert.equal(await store.state(), "open");
      assert.equal((await submit(store, batchOf(1, 1))).kind, "stored");
    });

    it("is one that says again what is so already, or that comes too late", async (t) => {
      const store = await opener(subject, t)({ secondOperator: true, winningNumber: undefined });
      await fillAndSeal(store);
      for (const act of [close, actOf({ kind: "open" }), actOf({ kind: "cancel" })]) {
        assert.notDeepEqual(await store.act(act), DONE);
      }
      assert.deepEqual(await store.act(propose(1)), DONE);
      assert.deepEqual(await store.act(propose(1)), ALREADY);
      assert.deepEqual(await store.act(propose(1, "eva")), DONE);
      assert.deepEqual(await store.acts(), [propose(1), propose(1, "eva")]);
    });
  });

  it("a draw without agencies is sealed when it is closed, and not before", async (t) => {
    const store = await opener(subject, t)({ agencies: 0 });
    assert.equal(await store.state(), "open");
    assert.deepEqual(await store.act(close), DONE);
    assert.equal(await store.state(), "sealed");
    assert.deepEqual(await store.performDraw(tell), { performed: true });
    assert.deepEqual((await store.whenDrawn()).agencies, []);
  });

  it("a draw that is cancelled tells so to those that came while that was written", async (t) => {
    const store = await opener(subject, t)();
    const cancelled = { name: "StoreError", code: "DRAW_CANCELLED" };
    const before = assert.rejects(store.whenDrawn(), cancelled);
    const acts = [1, 2, 3].map(() => store.act(actOf({ kind: "cancel" })));
    const meanwhile = assert.rejects(store.whenDrawn(), cancelled);
    assert.deepEqual(await Promise.all(acts), [DONE, ALREADY, ALREADY]);
    await Promise.all([before, meanwhile]);
  });
}

/** Performs the draw of {@link fillAndSeal}: everybody has the right winners. */
async function expectDraw(store: BetStore): Promise<void> {
  const winners = winnersOf(1, 3).length + winnersOf(2, 2).length;
  const heard: number[] = [];
  const { performed } = await store.performDraw((news) => {
    heard.push(news.winners);
    return Promise.resolve(true);
  });
  assert.deepEqual([performed, heard], [true, [winners]]);
  await expectWinners(store);
}

async function expectWinners(store: BetStore): Promise<void> {
  assert.deepEqual(await documentsOf(await store.winners(agency(1))), winnersOf(1, 3));
  assert.deepEqual(await documentsOf(await store.winners(agency(2))), winnersOf(2, 2));
}

/** Acts one after the other, and the state of the draw after each. */
interface Story {
  readonly acts: readonly [deed: Deed, by: string, state: DrawState][];
  readonly end: (store: BetStore) => Promise<void>;
}

const STORIES: Readonly<Record<string, Story>> = {
  "a draw that two operators bring to its end": {
    acts: [
      [{ kind: "open" }, "(timetable)", "open"],
      [{ kind: "close-out", agency: agency(2) }, "ana", "open"],
      [{ kind: "close" }, "(clock)", "sealed"],
      [{ kind: "propose-number", number: 3 }, "ana", "sealed"],
      [{ kind: "propose-number", number: WINNING_NUMBER }, "eva", "sealed"],
      [{ kind: "tell-number", number: WINNING_NUMBER }, "ana", "sealed"],
      [{ kind: "run" }, "eva", "sealed"],
    ],
    end: expectDraw,
  },
  "a draw that is cancelled": {
    acts: [
      [{ kind: "close-out", agency: agency(1) }, "ana", "open"],
      [{ kind: "cancel" }, "eva", "cancelled"],
    ],
    end: async (store) => {
      assert.deepEqual(await store.performDraw(tell), { performed: false });
      await assert.rejects(store.whenDrawn(), { code: "DRAW_CANCELLED" });
      assert.deepEqual(await submit(store, batchOf(2, 3)), { kind: "late" });
    },
  },
};

function restarts(subject: StoreUnderTest): void {
  const settings = { winningNumber: undefined, secondOperator: true, byOperator: true };

  describe("acts", () => {
    for (const [what, { acts, end }] of Object.entries(STORIES)) {
      it(`are all there after a restart that follows each of them: ${what}`, async (t) => {
        const open: Open = (more) => opened({ ...settings, ...more });
        const opened = opener(subject, t);
        const first = await open();
        const [opening, ...others] = acts.map(([deed, by, state]) => ({
          act: actOf(deed, by, `${state} "now"`),
          state,
        }));
        assert.ok(opening !== undefined);
        const isFirst = opening.act.deed.kind === "open";
        if (isFirst) assert.deepEqual(await first.act(opening.act), DONE);
        await submitAll(first, [...batchesOf(1, 1, 3), ...batchesOf(2, 1, 2)]);
        if (!isFirst) assert.deepEqual(await first.act(opening.act), DONE);
        await first.close();
        const done = [opening.act];
        for (const { act, state } of others) {
          const store = await open();
          assert.deepEqual(await store.acts(), done);
          assert.deepEqual(await store.performDraw(tell), { performed: false });
          assert.deepEqual(await store.act(act), DONE);
          assert.equal(await store.state(), state);
          done.push(act);
          await store.close();
        }
        const last = await open();
        assert.deepEqual(await last.acts(), done);
        assert.equal(await last.state(), acts.at(-1)?.[2]);
        for (const act of done) {
          const verdict = await last.act(act);
          const again = act.deed.kind !== "propose-number" || act.deed.number === WINNING_NUMBER;
          if (acts.at(-1)?.[2] === "sealed" && again) assert.deepEqual(verdict, ALREADY);
          else assert.notEqual(verdict.kind, "done");
        }
        await end(last);
        const sealed = (await last.state()) === "drawn" ? await last.whenDrawn() : undefined;
        await last.close();
        const after = await open();
        assert.deepEqual(await after.acts(), done);
        if (sealed === undefined) return;
        assert.deepEqual(await after.whenDrawn(), sealed);
        await expectWinners(after);
      });
    }

    it("of a draw whose number was told are searched for winners again after a restart", async (t) => {
      const open = opener(subject, t);
      const late = { winningNumber: undefined };
      const first = await open(late);
      await fillAndSeal(first);
      await first.act(told(WINNING_NUMBER));
      await first.performDraw(() => Promise.resolve(false));
      await first.close();
      const second = await open(late);
      assert.equal(await second.state(), "sealed");
      const heard: number[] = [];
      await second.performDraw(({ winners, recovered }) => {
        assert.ok(recovered);
        heard.push(winners);
        return Promise.resolve(true);
      });
      assert.deepEqual(heard, [winnersOf(1, 3).length + winnersOf(2, 2).length]);
      await expectWinners(second);
      await second.close();
      const third = await open(late);
      assert.equal(await third.state(), "drawn");
      await expectWinners(third);
    });

    it("belong to a plan that a later start cannot change", async (t) => {
      const open = opener(subject, t);
      const plan = { winningNumber: undefined, agencies: LISTED, closesAtMs: Date.UTC(2030, 0) };
      const first = await open(plan);
      await first.close();
      const mismatches: [settings: Parameters<Open>[0], message: RegExp][] = [
        [{ winningNumber: 1 }, /its winning number is told after the seal, not 1;/],
        [{ agencies: LISTED.slice(1) }, /its list of agencies is 2, 7, not 2;/],
        [{ agencies: 7 }, /its list of agencies is 2, 7, not 1 to 7;/],
        [{ closesAtMs: undefined }, /closing time is 2030-01-01T00:00:00.000Z, not none;/],
        [{ secondOperator: true }, /its number by two operators is no, not yes;/],
        [{ byOperator: true }, /its draw by an operator is no, not yes;/],
      ];
      for (const [settings, message] of mismatches) {
        await assert.rejects(open({ ...plan, ...settings }), { code: "DRAW_MISMATCH", message });
      }
      await (await open({ ...plan, agencies: LISTED.toReversed() })).close();
    });
  });
}
