import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { nextHead } from "../../../src/lottery/chain.ts";
import {
  agency,
  batchesOf,
  batchOf,
  claimOf,
  linesOf,
  scanned,
  submit,
  submitAll,
} from "./batches.ts";
import { kinds, opener, type StoreUnderTest, textOf } from "./subject.ts";

/** The verdicts on batches, and an agency's standing. */
export function batchPromises(subject: StoreUnderTest): void {
  describe("batches", () => {
    it("P2 are stored, and stored once when repeated", async (t) => {
      const store = await opener(subject, t)();
      const stored = await submit(store, batchOf(1, 1));
      assert.ok(stored.kind === "stored");
      assert.deepEqual(Buffer.from(stored.head), claimOf(1, 1).head);
      const again = await submit(store, batchOf(1, 1));
      assert.ok(again.kind === "duplicate");
      assert.deepEqual(again.head, stored.head);
      assert.equal(await linesOf(store), textOf(batchOf(1, 1)));
    });

    it("P2 that are repeated while the first one is on its way wait for it", async (t) => {
      const store = await opener(subject, t)();
      const verdicts = await submitAll(store, [batchOf(1, 1), batchOf(1, 1), batchOf(1, 2)]);
      assert.deepEqual(kinds(verdicts), ["stored", "duplicate", "stored"]);
    });

    it("P2 with other content under a known sequence are a conflict", async (t) => {
      const store = await opener(subject, t)();
      await submitAll(store, batchesOf(1, 1, 3));
      const other = { ...batchOf(1, 7), sequence: 2 };
      assert.deepEqual(await submit(store, other), { kind: "conflict" });
      const recounted = { ...batchOf(1, 2), count: 3 };
      assert.deepEqual(await submit(store, recounted), { kind: "conflict" });
      assert.equal(await linesOf(store), textOf(...batchesOf(1, 1, 3)));
    });

    it("P2 after the next sequence are a gap", async (t) => {
      const store = await opener(subject, t)();
      assert.deepEqual(await submit(store, batchOf(1, 2)), { kind: "gap", expected: 1 });
      await submit(store, batchOf(1, 1));
      assert.deepEqual(await submit(store, batchOf(1, 4)), { kind: "gap", expected: 2 });
      assert.equal(await linesOf(store), textOf(batchOf(1, 1)));
    });

    it("P3 are settled in the order in which they came, good and bad ones alike", async (t) => {
      const store = await opener(subject, t)();
      const order: string[] = [];
      const sent = [1, 2, 4, 2, 3, 5, 4].map((sequence) => batchOf(1, sequence));
      await Promise.all(
        sent.map(
          (batch) =>
            new Promise<void>((resolve) => {
              store.submit(batch, ({ kind }) => {
                order.push(`${batch.sequence} ${kind}`);
                resolve();
              });
            }),
        ),
      );
      assert.deepEqual(order, [
        "1 stored",
        "2 stored",
        "4 gap",
        "2 duplicate",
        "3 stored",
        "5 gap",
        "4 stored",
      ]);
    });

    it("P3 are returned whole by a scan, in the order of acceptance", async (t) => {
      const store = await opener(subject, t)();
      const sent = [batchOf(1, 1, 5), batchOf(2, 1, 1), batchOf(1, 2, 3), batchOf(2, 2, 4)];
      await submitAll(store, sent);
      assert.equal(await linesOf(store), textOf(...sent));
      if (!subject.capabilities.remembersBatches) return;
      const found = await scanned(store);
      const shape = found.map(({ agency: of, sequence, count }) => [of, sequence, count]);
      assert.deepEqual(
        shape,
        sent.map(({ agency: of, sequence, count }) => [of, sequence, count]),
      );
      assert.deepEqual(
        found.map(({ head }) => head),
        chainHeads(sent),
      );
    });

    it("are stored with their own bytes even if the sender uses its buffer again at once", async (t) => {
      const store = await opener(subject, t)();
      const batch = batchOf(1, 1);
      const lent = Buffer.from(batch.lines);
      const settled = submit(store, { ...batch, lines: lent });
      lent.fill(0x58);
      assert.equal((await settled).kind, "stored");
      assert.equal(await linesOf(store), textOf(batch));
    });

    it("may be submitted inside the callback of another batch", async (t) => {
      const store = await opener(subject, t)();
      const order: number[] = [];
      await new Promise<void>((resolve) => {
        const send = (sequence: number): void => {
          store.submit(batchOf(1, sequence), () => {
            order.push(sequence);
            if (sequence === 20) resolve();
            else send(sequence + 1);
          });
        };
        send(1);
      });
      assert.deepEqual(
        order,
        batchesOf(1, 1, 20).map(({ sequence }) => sequence),
      );
    });
  });

  describe("an agency's standing", () => {
    it("begins at sequence 1, with nothing", async (t) => {
      const store = await opener(subject, t)();
      const { nextSequence, bets, head, done } = await store.standing(agency(2));
      assert.deepEqual({ nextSequence, bets, done }, { nextSequence: 1, bets: 0, done: false });
      assert.deepEqual(Buffer.from(head), Buffer.alloc(32));
    });

    it("P1 counts a batch only when it is confirmed", async (t) => {
      const store = await opener(subject, t)();
      let settled = 0;
      store.submit(batchOf(1, 1), () => settled++);
      const { nextSequence, bets, head } = await store.standing(agency(1));
      assert.equal(settled, nextSequence - 1);
      assert.deepEqual({ batches: nextSequence - 1, bets, head: Buffer.from(head) }, claimOf(1, 1));
      assert.deepEqual(await store.totals(), { batches: nextSequence - 1, bets });
    });

    it("adds up to the totals of the draw, also in a store that is opened again", async (t) => {
      const open = opener(subject, t);
      const store = await open();
      assert.deepEqual(await store.totals(), { bets: 0, batches: 0 });
      // The repeated batch and the gap add nothing.
      await submitAll(store, [batchOf(1, 1, 5), batchOf(1, 1, 5), batchOf(2, 1, 1), batchOf(2, 3)]);
      assert.deepEqual(await store.totals(), { bets: 6, batches: 2 });
      if (!subject.capabilities.remembersBatches) return;
      await store.close();
      assert.deepEqual(await (await open()).totals(), { bets: 6, batches: 2 });
    });
  });
}

/** The chain head after each batch, agency by agency. */
function chainHeads(
  batches: readonly { readonly agency: number; readonly count: number }[],
): Buffer[] {
  const sizes = new Map<number, number[]>();
  return batches.map(({ agency: of, count }) => {
    const counts = [...(sizes.get(of) ?? []), count];
    sizes.set(of, counts);
    return headOf(of, counts);
  });
}

function headOf(of: number, counts: readonly number[]): Buffer {
  let head: Buffer = Buffer.alloc(32);
  for (const [index, count] of counts.entries()) {
    const { sequence, lines } = batchOf(of, index + 1, count);
    head = nextHead(head, sequence, count, lines);
  }
  return head;
}
