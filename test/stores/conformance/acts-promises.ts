import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { Act, Deed } from "../../../src/lottery/act.ts";
import type { AgencyId } from "../../../src/lottery/bet.ts";
import type { ActVerdict, BetStore, Verdict } from "../../../src/store/bet-store.ts";
import { documentsOf } from "../../support/documents.ts";
import {
  agency,
  batchesOf,
  batchOf,
  claimOf,
  submit,
  submitAll,
  tell,
  WINNING_NUMBER,
  winnersOf,
} from "./batches.ts";
import { kinds, opener, type StoreUnderTest } from "./subject.ts";

const AT_MS = Date.UTC(2026, 11, 1, 21);
const DONE = { kind: "done" } as const;
const ALREADY = { kind: "already" } as const;

const actOf = (deed: Deed, by = "ana"): Act => ({ deed, atMs: AT_MS, by, reason: "a test" });
const number = (kind: "propose-number" | "tell-number", told: number): Deed => ({
  kind,
  number: told,
});
const refused = (why: string): unknown => ({ kind: "refused", why });

function act(store: BetStore, deed: Deed, by?: string): Promise<ActVerdict> {
  return store.act(actOf(deed, by));
}

/** What operators and the clock do to a draw. */
export function actPromises(subject: StoreUnderTest): void {
  if (!subject.capabilities.remembersActs) {
    describe("acts of operators", () => {
      it("are refused, because the store says that it keeps none", async (t) => {
        const store = await opener(subject, t)();
        assert.deepEqual(await act(store, { kind: "close" }), refused("unsupported"));
        assert.deepEqual(await store.acts(), []);
        assert.equal(await store.state(), "open");
      });

      it("are never needed: it does not open a draw that needs them", async (t) => {
        const open = opener(subject, t);
        await assert.rejects(async () => open({ winningNumber: undefined }), RangeError);
        await assert.rejects(async () => open({ closesAtMs: AT_MS }), RangeError);
        await assert.rejects(async () => open({ byOperator: true }), RangeError);
      });
    });
    return;
  }

  describe("P4 a close", () => {
    it("seals the draw, and closes out who is not done with what it has confirmed", async (t) => {
      const store = await opener(subject, t)();
      await submitAll(store, [...batchesOf(1, 1, 3), ...batchesOf(2, 1, 2)]);
      await store.done(agency(1), claimOf(1, 3));
      assert.deepEqual(await act(store, { kind: "close" }), DONE);
      assert.equal(await store.state(), "sealed");
      await store.performDraw(tell);
      const { agencies } = await store.whenDrawn();
      assert.deepEqual(
        agencies.map(({ bets, closedOut }) => ({ bets, closedOut })),
        [
          { bets: 6, closedOut: false },
          { bets: 4, closedOut: true },
        ],
      );
      for (const [of, batches] of [
        [1, 3],
        [2, 2],
      ] as const) {
        const winners = await documentsOf(await store.winners(agency(of)));
        assert.deepEqual(winners, winnersOf(of, batches));
      }
    });

    it("has every batch that was submitted before it as a whole, and none that came after it", async (t) => {
      const store = await opener(subject, t)();
      const before = submitAll(store, batchesOf(1, 1, 20));
      const closed = act(store, { kind: "close" });
      const after = submitAll(store, batchesOf(1, 21, 40));
      assert.deepEqual(new Set(kinds(await before)), new Set(["stored"]));
      assert.deepEqual(await closed, DONE);
      assert.deepEqual(new Set(kinds(await after)), new Set(["late"]));
      assert.equal((await store.standing(agency(1))).bets, 40);
      // A repeated batch is still the same batch.
      assert.equal((await submit(store, batchOf(1, 20))).kind, "duplicate");
    });

    it("comes once: it is never taken back, and a second one changes nothing", async (t) => {
      const open = opener(subject, t);
      const store = await open();
      await act(store, { kind: "open" });
      const [first, second] = await Promise.all([
        act(store, { kind: "close" }),
        act(store, { kind: "close" }, "(clock)"),
      ]);
      assert.deepEqual([first, second], [DONE, ALREADY]);
      assert.deepEqual(await act(store, { kind: "open" }), ALREADY);
      assert.equal((await submit(store, batchOf(1, 1))).kind, "late");
      await store.close();
      const again = await open();
      assert.equal(await again.state(), "sealed");
      assert.deepEqual(await act(again, { kind: "close" }), ALREADY);
      assert.equal((await again.acts()).length, 2);
    });

    it("lets an agency that it has closed out say DONE if that is exactly what it has", async (t) => {
      const store = await opener(subject, t)();
      await submitAll(store, batchesOf(1, 1, 2));
      await act(store, { kind: "close" });
      assert.deepEqual(await store.done(agency(1), claimOf(1, 2)), { kind: "done" });
      assert.equal((await store.done(agency(1), claimOf(1, 3))).kind, "mismatch");
      // Without a claim it cannot be known whether all of its bets are there.
      assert.deepEqual(await store.done(agency(2)), { kind: "late" });
      assert.equal((await store.standing(agency(1))).closedOut, true);
    });

    it("of one agency alone leaves the draw to the others", async (t) => {
      const store = await opener(subject, t)();
      await submit(store, batchOf(2, 1));
      const out = { kind: "close-out", agency: agency(2) } as const;
      assert.deepEqual(await act(store, out), DONE);
      assert.deepEqual(await act(store, out), ALREADY);
      assert.deepEqual(
        await act(store, { kind: "close-out", agency: agency(3) }),
        refused("unknown-agency"),
      );
      assert.equal((await submit(store, batchOf(2, 2))).kind, "late");
      assert.equal((await submit(store, batchOf(1, 1))).kind, "stored");
      assert.equal(await store.state(), "open");
      await store.done(agency(1), claimOf(1, 1));
      assert.equal(await store.state(), "sealed");
    });
  });

  describe("a cancelled draw", () => {
    it("takes nothing more, and tells whoever waits for it", async (t) => {
      const open = opener(subject, t);
      const store = await open();
      await submit(store, batchOf(1, 1));
      const waiting = store.whenDrawn();
      const told = assert.rejects(waiting, { code: "DRAW_CANCELLED" });
      assert.deepEqual(await act(store, { kind: "cancel" }), DONE);
      await told;
      assert.equal(await store.state(), "cancelled");
      assert.equal((await submit(store, batchOf(1, 2))).kind, "late");
      assert.deepEqual(await store.done(agency(2)), { kind: "late" });
      assert.deepEqual(await act(store, { kind: "close" }), refused("cancelled"));
      await assert.rejects(store.whenDrawn(), { code: "DRAW_CANCELLED" });
      assert.deepEqual(await store.performDraw(tell), { performed: false });
      await store.close();
      const again = await open();
      assert.equal(await again.state(), "cancelled");
      assert.equal((await submit(again, batchOf(1, 2))).kind, "late");
    });

    it("cannot be one that is sealed", async (t) => {
      const store = await opener(subject, t)();
      await act(store, { kind: "close" });
      assert.deepEqual(await act(store, { kind: "cancel" }), refused("not-open"));
      assert.equal(await store.state(), "sealed");
    });
  });

  describe("a number that is told after the seal", () => {
    it("finds the winners, also for the next process", async (t) => {
      const open = opener(subject, t);
      const told = { winningNumber: undefined };
      const store = await open(told);
      await submitAll(store, [...batchesOf(1, 1, 30), ...batchesOf(2, 1, 20)]);
      const tellNumber = { kind: "tell-number", number: WINNING_NUMBER } as const;
      assert.deepEqual(await act(store, tellNumber), refused("not-sealed"));
      await act(store, { kind: "close" });
      assert.deepEqual(await store.performDraw(tell), { performed: false });
      assert.deepEqual(await act(store, tellNumber), DONE);
      assert.deepEqual(await act(store, tellNumber), ALREADY);
      assert.deepEqual(await act(store, { ...tellNumber, number: 1 }), refused("number-known"));
      let winners = 0;
      const telling = (news: { winners: number }): Promise<boolean> => {
        ({ winners } = news);
        return Promise.resolve(true);
      };
      assert.deepEqual(await store.performDraw(telling), { performed: true });
      assert.equal(winners, winnersOf(1, 30).length + winnersOf(2, 20).length);
      await store.close();
      const again = await open(told);
      for (const life of [store, again].slice(1)) {
        assert.equal((await life.whenDrawn()).winningNumber, WINNING_NUMBER);
        assert.deepEqual(await documentsOf(await life.winners(agency(1))), winnersOf(1, 30));
        assert.deepEqual(await documentsOf(await life.winners(agency(2))), winnersOf(2, 20));
      }
    });

    it("needs a second operator where the plan says so, who tells the same", async (t) => {
      const open = opener(subject, t);
      const plan = { winningNumber: undefined, secondOperator: true };
      const store = await open(plan);
      await act(store, { kind: "close" });
      assert.deepEqual(await act(store, number("tell-number", 7)), refused("not-proposed"));
      assert.deepEqual(await act(store, number("propose-number", 8)), DONE);
      assert.deepEqual(await act(store, number("propose-number", 7)), DONE);
      assert.deepEqual(await act(store, number("tell-number", 7), "ana"), refused("same-operator"));
      await store.close();
      const again = await open(plan);
      assert.deepEqual(await act(again, number("tell-number", 8), "eva"), refused("other-number"));
      assert.deepEqual(await again.performDraw(tell), { performed: false });
      assert.deepEqual(await act(again, number("tell-number", 7), "eva"), DONE);
      assert.deepEqual(await again.performDraw(tell), { performed: true });
    });

    it("does not perform a draw that waits for an operator", async (t) => {
      const open = opener(subject, t);
      const plan = { winningNumber: 7, byOperator: true };
      const store = await open(plan);
      assert.deepEqual(await act(store, { kind: "run" }), refused("not-sealed"));
      await act(store, { kind: "close" });
      assert.deepEqual(await store.performDraw(tell), { performed: false });
      assert.deepEqual(await act(store, { kind: "run" }), DONE);
      assert.deepEqual(await act(store, { kind: "run" }), ALREADY);
      await store.close();
      const again = await open(plan);
      assert.deepEqual(await again.performDraw(tell), { performed: true });
      assert.equal(await again.state(), "drawn");
    });
  });

  describe("acts", () => {
    it("are there after a restart, in their order, with time, operator and reason", async (t) => {
      const open = opener(subject, t);
      const store = await open();
      const deeds: Deed[] = [
        { kind: "open" },
        { kind: "close-out", agency: agency(2) },
        { kind: "close" },
      ];
      for (const [index, deed] of deeds.entries()) await act(store, deed, `operator ${index}`);
      const acts = await store.acts();
      assert.deepEqual(
        acts,
        deeds.map((deed, index) => actOf(deed, `operator ${index}`)),
      );
      await store.close();
      assert.deepEqual(await (await open()).acts(), acts);
    });

    it("are not shown before they are on stable storage, nor what follows from them", async (t) => {
      const store = await opener(subject, t)();
      const order: string[] = [];
      const closing = act(store, { kind: "close" }).then(() => order.push("closed"));
      const looking = store.acts().then((acts) => order.push(`${acts.length} acts`));
      await Promise.all([closing, looking]);
      assert.equal(await store.state(), "sealed");
      assert.deepEqual(order.toSorted(), ["1 acts", "closed"]);
    });
  });

  describe("a draw with a list of agencies", () => {
    const agencies = [
      { agency: agency(7), name: "Sur" },
      { agency: agency(2), name: "Norte" },
    ];

    it("waits for those of the list, and knows no others, also after a restart", async (t) => {
      const open = opener(subject, t);
      const first = await open({ agencies });
      assert.equal((await submit(first, batchOf(7, 1))).kind, "stored");
      await first.done(agency(2));
      await first.close();
      const store = await open({ agencies });
      assert.deepEqual([...store.roster], [2, 7]);
      assert.equal(store.roster.nameOf(7), "Sur");
      const settled: Verdict["kind"][] = [];
      assert.throws(
        () => store.submit(batchOf(1, 1), ({ kind }) => settled.push(kind)),
        RangeError,
      );
      assert.equal((await submit(store, batchOf(7, 1))).kind, "duplicate");
      assert.equal(await store.state(), "open");
      await store.done(agency(7), claimOf(7, 1));
      assert.equal(await store.state(), "sealed");
      await store.performDraw(tell);
      const sealed = (await store.whenDrawn()).agencies.map((one): AgencyId => one.agency);
      assert.deepEqual(sealed, [2, 7]);
    });

    it("is the same draw only with the same list", async (t) => {
      const open = opener(subject, t);
      await (await open({ agencies })).close();
      await assert.rejects(async () => open({ agencies: agencies.slice(1) }), {
        code: "DRAW_MISMATCH",
      });
      await (await open({ agencies: agencies.toReversed() })).close();
    });
  });
}
