import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { Place, UnnumberedBatch } from "../../../src/lottery/batch.ts";
import type { BetStore } from "../../../src/store/bet-store.ts";
import { agency, batchesOf, batchOf, linesOf, submit } from "./batches.ts";
import { kinds, opener, type StoreUnderTest, textOf } from "./subject.ts";

/** The verdicts on batches without a number. */
export function replayPromises(subject: StoreUnderTest): void {
  describe("batches without numbers", () => {
    it("get the next number of their agency", async (t) => {
      const store = await opener(subject, t)();
      assert.deepEqual(await run(store, 1, 3), ["stored", "stored", "stored"]);
      assert.equal((await store.standing(agency(1))).nextSequence, 4);
      assert.equal(await linesOf(store), textOf(...batchesOf(1, 1, 3)));
    });

    it("P2 are duplicates when a run comes again, and stored when it goes further", async (t) => {
      const store = await opener(subject, t)();
      await run(store, 1, 2);
      assert.deepEqual(await run(store, 1, 3), ["duplicate", "duplicate", "stored"]);
      assert.equal(await linesOf(store), textOf(...batchesOf(1, 1, 3)));
    });

    it("P1 are duplicates only once the batch that they repeat is on stable storage", async (t) => {
      const store = await opener(subject, t)();
      const order: string[] = [];
      const place = "connection-start";
      await Promise.all(
        ["first", "again"].map(
          (name) =>
            new Promise<void>((resolve) => {
              store.submit({ ...unnumbered(1, place) }, ({ kind }) => {
                order.push(`${name} ${kind}`);
                resolve();
              });
            }),
        ),
      );
      assert.deepEqual(order, ["first stored", "again duplicate"]);
    });

    it("P4 are late after DONE, unless they come again", async (t) => {
      const store = await opener(subject, t)();
      await run(store, 1, 2);
      await store.done(agency(1));
      assert.deepEqual(await run(store, 1, 3), ["duplicate", "duplicate", "late"]);
    });

    it("are stored every time they come, if the store is told so", async (t) => {
      const store = await opener(subject, t)({ replay: "store" });
      await run(store, 1, 2);
      assert.deepEqual(await run(store, 1, 2), ["stored", "stored"]);
      const batches = batchesOf(1, 1, 2);
      assert.equal(await linesOf(store), textOf(...batches, ...batches));
    });

    if (subject.capabilities.remembersBatches) {
      it("P10 are recognised also after a restart of the store", async (t) => {
        const open = opener(subject, t);
        const first = await open();
        await run(first, 1, 3);
        await first.close();
        const second = await open();
        assert.deepEqual(await run(second, 1, 4), [...repeat("duplicate", 3), "stored"]);
      });
    } else {
      it("are not recognised after a restart of the store, which keeps no batches", async (t) => {
        const open = opener(subject, t);
        const first = await open();
        await run(first, 1, 1);
        await first.close();
        const second = await open();
        assert.deepEqual(await run(second, 1, 1), ["stored"]);
      });
    }
  });
}

/** Sends batches 1 to `count` of an agency as one connection does. */
async function run(store: BetStore, of: number, count: number): Promise<string[]> {
  const batches = batchesOf(of, 1, count).map(({ sequence }) =>
    unnumbered(of, sequence === 1 ? "connection-start" : "following", sequence),
  );
  return kinds(await Promise.all(batches.map((batch) => submit(store, batch))));
}

function unnumbered(of: number, place: Place, sequence = 1): UnnumberedBatch {
  const { count, lines } = batchOf(of, sequence);
  return { agency: agency(of), count, lines, place };
}

function repeat(text: string, times: number): string[] {
  return Array.from({ length: times }, () => text);
}
