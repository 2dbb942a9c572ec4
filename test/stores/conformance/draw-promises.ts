import assert from "node:assert/strict";
import { EventEmitter, once } from "node:events";
import { readdir } from "node:fs/promises";
import { describe, it } from "node:test";
import type { Publication } from "../../../src/store/bet-store.ts";
import {
  agency,
  batchesOf,
  batchOf,
  claimOf,
  linesOf,
  submit,
  submitAll,
  WINNING_NUMBER,
  winnersOf,
  tell,
} from "./batches.ts";
import { fillAndSeal, opener, type StoreUnderTest } from "./subject.ts";
import { documentsOf } from "../../support/documents.ts";

/** DONE, the seal, and the draw. */
export function drawPromises(subject: StoreUnderTest): void {
  describe("DONE", () => {
    it("needs the right count of batches and bets of its agency, and its chain head", async (t) => {
      const store = await opener(subject, t)();
      await submitAll(store, batchesOf(1, 1, 2));
      const claim = claimOf(1, 2);
      for (const wrong of [
        { ...claim, batches: 3 },
        { ...claim, bets: 5 },
        { ...claim, head: Buffer.alloc(32, 7) },
      ]) {
        const verdict = await store.done(agency(1), wrong);
        assert.ok(verdict.kind === "mismatch");
        const { nextSequence, bets, head, done } = verdict.standing;
        assert.deepEqual({ batches: nextSequence - 1, bets, head: Buffer.from(head) }, claim);
        assert.equal(done, false);
      }
      assert.deepEqual(await store.done(agency(1), claim), { kind: "done" });
      assert.equal((await store.standing(agency(1))).done, true);
    });

    it("counts each agency once, however often it is said", async (t) => {
      const store = await opener(subject, t)();
      await submitAll(store, batchesOf(1, 1, 2));
      const answers = await Promise.all([
        store.done(agency(1), claimOf(1, 2)),
        store.done(agency(1)),
        store.done(agency(1), claimOf(1, 2)),
      ]);
      assert.deepEqual(answers, [{ kind: "done" }, { kind: "done" }, { kind: "done" }]);
      assert.equal(await store.state(), "open");
    });

    it("is needed from every agency before the draw, which takes place once and is told once", async (t) => {
      const store = await opener(subject, t)();
      let told = 0;
      const telling = (): Promise<boolean> => Promise.resolve(++told > 0);
      assert.deepEqual(await store.performDraw(telling), { performed: false });
      for (const of of [1, 2]) await store.done(agency(of));
      assert.deepEqual(await store.performDraw(telling), { performed: true });
      assert.deepEqual(await store.performDraw(telling), { performed: false });
      assert.equal(told, 1);
    });

    it("is accepted from an agency without a claim", async (t) => {
      const store = await opener(subject, t)();
      assert.deepEqual(await store.done(agency(1)), { kind: "done" });
      assert.deepEqual(await store.done(agency(2)), { kind: "done" });
      assert.equal(await store.state(), "sealed");
    });

    it("makes later batches of its agency late, and not those of other agencies", async (t) => {
      const store = await opener(subject, t)();
      await submit(store, batchOf(1, 1));
      await store.done(agency(1), claimOf(1, 1));
      assert.deepEqual(await submit(store, batchOf(1, 2)), { kind: "late" });
      assert.equal((await submit(store, batchOf(1, 1))).kind, "duplicate");
      assert.equal((await submit(store, batchOf(2, 1))).kind, "stored");
    });

    it("of the last agency seals the draw at once", async (t) => {
      const store = await opener(subject, t)();
      await store.done(agency(2));
      assert.equal(await store.state(), "open");
      await Promise.all([store.done(agency(1)), store.done(agency(2))]);
      assert.equal(await store.state(), "sealed");
    });

    it("P4 of all agencies closes the draw: nothing is accepted any more", async (t) => {
      const store = await opener(subject, t)();
      await fillAndSeal(store);
      const before = await linesOf(store);
      assert.deepEqual(await submit(store, batchOf(1, 4)), { kind: "late" });
      assert.deepEqual(await submit(store, batchOf(2, 9)), { kind: "late" });
      assert.equal((await submit(store, batchOf(2, 2))).kind, "duplicate");
      assert.equal(await linesOf(store), before);
    });
  });

  describe("the draw", () => {
    it("is not performed before the seal", async (t) => {
      const store = await opener(subject, t)();
      assert.deepEqual(await store.performDraw(tell), { performed: false });
      assert.equal(await store.state(), "open");
    });

    it("P5 is performed once when many callers try at the same time", async (t) => {
      const store = await opener(subject, t)();
      await fillAndSeal(store);
      const tries = await Promise.all(Array.from({ length: 10 }, () => store.performDraw(tell)));
      assert.equal(tries.filter(({ performed }) => performed).length, 1);
      assert.equal(await store.state(), "drawn");
      assert.deepEqual(await store.performDraw(tell), { performed: false });
    });

    it("P5 is logged when it is stored, and before any agency is told", async (t) => {
      const store = await opener(subject, t)();
      const order: string[] = [];
      const heard = store.whenDrawn().then(() => order.push("drawn"));
      await fillAndSeal(store);
      const expectSilence = async (): Promise<void> => {
        assert.equal(await store.state(), "sealed");
        await assert.rejects(async () => store.winners(agency(1)), RangeError);
      };
      await store.performDraw(
        async ({ outcome, winners, recovered }) => {
          order.push("told");
          assert.equal(outcome.draw, "1");
          assert.equal(winners, winnersOf(1, 3).length + winnersOf(2, 2).length);
          assert.equal(recovered, false);
          await expectSilence();
          return true;
        },
        async () => {
          order.push("margin");
          await expectSilence();
        },
      );
      await heard;
      assert.deepEqual(order, ["told", "margin", "drawn"]);
      await store.performDraw(() => assert.fail("it was told of"));
    });

    it("is not delayed if its log line cannot be written", async (t) => {
      const store = await opener(subject, t)();
      await fillAndSeal(store);
      assert.deepEqual(await store.performDraw(() => Promise.resolve(false)), { performed: true });
      assert.equal(await store.state(), "drawn");
      assert.deepEqual(await documentsOf(await store.winners(agency(1))), winnersOf(1, 3));
      await store.performDraw(() => assert.fail("the next life tells it again"));
    });

    it("is recorded as told if its log line is being written when the store is closed", async (t) => {
      const open = opener(subject, t);
      const store = await open();
      await fillAndSeal(store);
      let leave: ((out: boolean) => void) | undefined;
      const telling = new Promise<void>((begun) => {
        void store.performDraw(() => {
          begun();
          return new Promise((resolve) => {
            leave = resolve;
          });
        });
      });
      await telling;
      const closed = store.close();
      leave?.(true);
      await closed;
      if (subject.capabilities.remembersDraw) assert.equal(await (await open()).state(), "drawn");
    });

    it("reports once where its files are, when they are there", async (t) => {
      const events = new EventEmitter<{ told: [publication: Publication] }>();
      let told = 0;
      events.on("told", () => told++);
      const first = once(events, "told");
      const open = opener(subject, t);
      const store = await open({ onPublication: (each) => events.emit("told", each) });
      await fillAndSeal(store);
      assert.equal(told, 0);
      await store.performDraw(tell);
      const [publication] = (await first) as [Publication];
      assert.ok(publication.kind === "written");
      const files = await readdir(publication.dir);
      assert.ok(files.includes("bets.csv") && files.includes("seal.json"), files.join());
      assert.equal(told, 1);
    });

    it("P6 shows no winners before it takes place, and after it each agency's own", async (t) => {
      const store = await opener(subject, t)();
      await submitAll(store, [...batchesOf(1, 1, 3), ...batchesOf(2, 1, 2)]);
      await assert.rejects(async () => store.winners(agency(1)), RangeError);
      await store.done(agency(1));
      await store.done(agency(2));
      await assert.rejects(async () => store.winners(agency(1)), RangeError);
      await store.performDraw(tell);
      assert.deepEqual(await documentsOf(await store.winners(agency(1))), winnersOf(1, 3));
      assert.deepEqual(await documentsOf(await store.winners(agency(2))), winnersOf(2, 2));
    });

    it("is announced to those that waited, and to those that come later", async (t) => {
      const store = await opener(subject, t)();
      const early = store.whenDrawn();
      await fillAndSeal(store);
      await store.performDraw(tell);
      const outcome = await early;
      assert.deepEqual(await store.whenDrawn(), outcome);
      assert.equal(outcome.draw, "1");
      assert.equal(outcome.winningNumber, WINNING_NUMBER);
      assert.equal(outcome.seal.length, 32);
      assert.deepEqual(
        outcome.agencies.map(({ agency: of, batches, bets, head }) => ({
          of,
          batches,
          bets,
          head: Buffer.from(head),
        })),
        [
          { of: 1, ...claimOf(1, 3) },
          { of: 2, ...claimOf(2, 2) },
        ],
      );
    });
  });
}
