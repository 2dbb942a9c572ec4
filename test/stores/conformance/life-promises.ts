import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { Verdict } from "../../../src/store/bet-store.ts";
import { StoreError } from "../../../src/store/store-error.ts";
import {
  agency,
  batchesOf,
  batchOf,
  claimOf,
  close,
  linesOf,
  scanned,
  submit,
  submitAll,
  winnersOf,
  tell,
} from "./batches.ts";
import { fillAndSeal, kinds, opener, type StoreUnderTest, textOf } from "./subject.ts";
import { documentsOf } from "../../support/documents.ts";

const closedError = { name: "StoreError", code: "STORE_CLOSED" };

/** A store that is full, that closes, and that is opened again. */
export function lifePromises(subject: StoreUnderTest): void {
  describe("a full store", () => {
    it("P9 reports that it is congested, refuses batches, and calls back when there is room", async (t) => {
      const store = await opener(subject, t)({ smallBuffers: true });
      const verdicts: Promise<Verdict>[] = [];
      let sequence = 0;
      while (!store.congested && sequence < 10_000) {
        sequence++;
        verdicts.push(submit(store, batchOf(1, sequence)));
      }
      assert.ok(store.congested);
      const calls: string[] = [];
      const room = new Promise<void>((resolve) => {
        store.whenRoom(() => {
          calls.push("room");
          resolve();
        });
      });
      // More batches fill the rest of the room, and are then refused.
      let insisted: Verdict | undefined;
      for (let more = sequence + 1; insisted?.kind !== "busy" && more < sequence + 10_000; more++) {
        const verdict = submit(store, batchOf(1, more));
        verdicts.push(verdict);
        if ((more - sequence) % 200 === 0) insisted = (await Promise.all(verdicts)).at(-1);
      }
      const settled = await Promise.all(verdicts);
      const refused = settled.find(({ kind }) => kind === "busy");
      assert.ok(refused?.kind === "busy" && refused.retryAfterMs > 0);
      await room;
      assert.deepEqual(calls, ["room"]);
      const stored = settled.filter(({ kind }) => kind === "stored").length;
      const { nextSequence } = await store.standing(agency(1));
      assert.equal(nextSequence, stored + 1, "what was refused is not there");
      assert.equal(
        settled.findIndex(({ kind }) => kind !== "stored"),
        stored,
        "in order",
      );
      assert.equal((await submit(store, batchOf(1, nextSequence))).kind, "stored");
    });

    it("calls back at once while there is room", async (t) => {
      const store = await opener(subject, t)();
      let called = false;
      store.whenRoom(() => (called = true));
      assert.ok(called);
    });
  });

  describe("closing", () => {
    it("settles pending batches first", async (t) => {
      const store = await opener(subject, t)();
      const pending = submitAll(store, batchesOf(1, 1, 10));
      const done = store.done(agency(2));
      await store.close();
      assert.deepEqual(
        kinds(await pending),
        Array.from({ length: 10 }, () => "stored"),
      );
      assert.deepEqual(await done, { kind: "done" });
    });

    it("refuses everything that comes later", async (t) => {
      const store = await opener(subject, t)();
      const waiting = assert.rejects(store.whenDrawn(), closedError);
      const closing = store.close();
      assert.equal((await submit(store, batchOf(1, 1))).kind, "busy", "while it closes");
      await closing;
      await waiting;
      assert.equal((await submit(store, batchOf(1, 1))).kind, "busy");
      await assert.rejects(store.state(), closedError);
      await assert.rejects(store.standing(agency(1)), closedError);
      await assert.rejects(store.done(agency(1)), closedError);
      await assert.rejects(store.act(close), closedError);
      await assert.rejects(store.acts(), closedError);
      await assert.rejects(store.performDraw(tell), closedError);
      await assert.rejects(store.whenDrawn(), closedError);
      await assert.rejects(store.winners(agency(1)), closedError);
      await assert.rejects(scanned(store), closedError);
    });

    it("may be asked for twice", async (t) => {
      const store = await opener(subject, t)();
      await Promise.all([store.close(), store.close()]);
      await store.close();
    });

    it("ends every wait for room", async (t) => {
      const store = await opener(subject, t)({ smallBuffers: true });
      for (let sequence = 1; !store.congested; sequence++) {
        store.submit(batchOf(1, sequence), () => undefined);
      }
      const room = new Promise<void>((resolve) => store.whenRoom(resolve));
      await store.close();
      await room;
    });
  });

  describe("a store that is opened again", () => {
    it("P1 has every bet that was confirmed, in order", async (t) => {
      const open = opener(subject, t);
      const first = await open();
      const sent = [batchOf(1, 1, 5), batchOf(2, 1, 1), batchOf(1, 2, 3)];
      await submitAll(first, sent);
      await first.close();
      const second = await open();
      assert.equal(await linesOf(second), textOf(...sent));
      assert.equal((await second.standing(agency(1))).bets, 8);
      assert.equal((await second.standing(agency(2))).bets, 1);
    });

    if (subject.capabilities.remembersBatches) {
      it("P10 continues where every agency stopped", async (t) => {
        const open = opener(subject, t);
        const first = await open();
        await submitAll(first, [...batchesOf(1, 1, 3), ...batchesOf(2, 1, 1)]);
        await first.done(agency(2), claimOf(2, 1));
        await first.close();
        const second = await open();
        const { nextSequence, bets, head, done } = await second.standing(agency(1));
        assert.deepEqual(
          { batches: nextSequence - 1, bets, head: Buffer.from(head) },
          claimOf(1, 3),
        );
        assert.equal(done, false);
        assert.equal((await second.standing(agency(2))).done, true);
        const verdicts = await submitAll(second, [
          batchOf(1, 2),
          { ...batchOf(1, 9), sequence: 3 },
          batchOf(1, 4),
          batchOf(2, 2),
        ]);
        assert.deepEqual(kinds(verdicts), ["duplicate", "conflict", "stored", "late"]);
        await second.done(agency(1), claimOf(1, 4));
        assert.equal(await second.state(), "sealed");
      });
    } else {
      it("says that it has no batches: sequences begin at 1 after its bets", async (t) => {
        const open = opener(subject, t);
        const first = await open();
        await submitAll(first, batchesOf(1, 1, 3));
        await first.done(agency(2));
        await first.close();
        const second = await open();
        const { nextSequence, bets, head, done } = await second.standing(agency(1));
        assert.deepEqual({ nextSequence, bets, done }, { nextSequence: 1, bets: 6, done: false });
        assert.deepEqual(Buffer.from(head), Buffer.alloc(32));
        assert.equal((await second.standing(agency(2))).done, false);
        const rest = { ...batchOf(1, 4), sequence: 1 };
        assert.equal((await submit(second, rest)).kind, "stored");
        assert.equal((await second.standing(agency(1))).bets, 8);
        assert.equal(await linesOf(second), textOf(...batchesOf(1, 1, 4)));
        await second.done(agency(1));
        await second.done(agency(2));
        await second.performDraw(tell);
        assert.deepEqual(await documentsOf(await second.winners(agency(1))), winnersOf(1, 4));
      });
    }

    if (subject.capabilities.remembersDraw) {
      it("P5 performs a sealed draw, once in all its lives", async (t) => {
        const open = opener(subject, t);
        const first = await open();
        await fillAndSeal(first);
        await first.close();
        const second = await open();
        assert.equal(await second.state(), "sealed");
        assert.deepEqual(await second.performDraw(tell), { performed: true });
        const outcome = await second.whenDrawn();
        await second.close();
        const third = await open();
        assert.equal(await third.state(), "drawn");
        assert.deepEqual(await third.performDraw(tell), { performed: false });
        assert.deepEqual(await third.whenDrawn(), outcome);
        assert.deepEqual(await documentsOf(await third.winners(agency(1))), winnersOf(1, 3));
        assert.deepEqual(await submit(third, batchOf(1, 4)), { kind: "late" });
        assert.equal(third.congested, false);
      });

      it("P5 logs a draw again that no record calls told, marked as recovered", async (t) => {
        const open = opener(subject, t);
        const first = await open();
        await fillAndSeal(first);
        await first.performDraw(() => Promise.resolve(false));
        await first.close();
        for (const out of [false, true]) {
          const again = await open();
          assert.equal(await again.state(), "sealed");
          await assert.rejects(async () => again.winners(agency(1)), RangeError);
          const heard = again.whenDrawn();
          const told: boolean[] = [];
          const { performed } = await again.performDraw(({ recovered, winners }) => {
            told.push(recovered);
            assert.equal(winners, winnersOf(1, 3).length + winnersOf(2, 2).length);
            return Promise.resolve(out);
          });
          assert.deepEqual([performed, told], [false, [true]]);
          assert.equal((await heard).draw, "1");
          assert.deepEqual(await documentsOf(await again.winners(agency(1))), winnersOf(1, 3));
          assert.deepEqual(await submit(again, batchOf(1, 4)), { kind: "late" });
          await again.close();
        }
        const last = await open();
        assert.equal(await last.state(), "drawn");
        await last.performDraw(() => assert.fail("it was told of"));
      });

      it("refuses other settings than the draw's, and says which", async (t) => {
        const open = opener(subject, t);
        await (await open()).close();
        await assert.rejects(open({ winningNumber: 1 }), {
          code: "DRAW_MISMATCH",
          message: /winning number is 7574, not 1/,
        });
        await assert.rejects(open({ agencies: 9 }), {
          code: "DRAW_MISMATCH",
          message: /count of agencies is 2, not 9/,
        });
      });
    }

    if (subject.exclusive) {
      it("is refused to a second owner until the first one closes it", async (t) => {
        const open = opener(subject, t);
        const first = await open();
        await assert.rejects(open(), (error: unknown) => {
          assert.ok(error instanceof StoreError);
          assert.equal(error.code, "STORE_LOCKED");
          return true;
        });
        assert.equal((await submit(first, batchOf(1, 1))).kind, "stored");
        await first.close();
        await open();
      });
    }
  });
}
