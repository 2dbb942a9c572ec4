import assert from "node:assert/strict";
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, it, type TestContext } from "node:test";
import { gunzipSync } from "node:zlib";
import type { Batch } from "../../../src/lottery/batch.ts";
import type { DrawState } from "../../../src/lottery/draw-book.ts";
import { openLedger } from "../../../src/stores/ledger/ledger.ts";
import { verifyDraw } from "../../../src/stores/ledger/verify.ts";
import { documentsOf } from "../../support/documents.ts";
import { root } from "../../support/paths.ts";
import { tempDir } from "../../support/temp-dir.ts";
import {
  agency,
  batchesOf,
  batchOf,
  claimOf,
  linesOf,
  submitAll,
  WINNING_NUMBER,
  winnersOf,
} from "../conformance/batches.ts";

const LEDGERS = join(root, "test", "golden", "ledger");
const AGENCIES = [1, 2, 3] as const;

interface Written {
  readonly state: DrawState;
  readonly batches: readonly Batch[];
  /** The bets of each batch, by agency. */
  readonly sent: Readonly<Record<number, readonly [batches: number, bets: number]>>;
  readonly done: readonly number[];
  /** How the draw is told in the next life; undefined if it was told before. */
  readonly told: "performed" | "recovered" | undefined;
}

const WRITTEN: Readonly<Record<string, Written>> = {
  open: {
    state: "open",
    batches: [...batchesOf(1, 1, 4, 5), ...batchesOf(2, 1, 2, 3), batchOf(3, 1, 1)],
    sent: { 1: [4, 5], 2: [2, 3], 3: [1, 1] },
    done: [2],
    told: "performed",
  },
  killed: {
    state: "open",
    batches: batchesOf(1, 1, 4, 5),
    sent: { 1: [4, 5] },
    done: [2],
    told: "performed",
  },
  sealed: {
    state: "sealed",
    batches: batchesOf(1, 1, 3, 2),
    sent: { 1: [3, 2] },
    done: [1, 2, 3],
    told: "performed",
  },
  untold: {
    state: "sealed",
    batches: batchesOf(1, 1, 3, 2),
    sent: { 1: [3, 2] },
    done: [1, 2, 3],
    told: "recovered",
  },
  drawn: {
    state: "drawn",
    batches: [...batchesOf(1, 1, 3, 4), ...batchesOf(3, 1, 2, 7)],
    sent: { 1: [3, 4], 3: [2, 7] },
    done: [1, 2, 3],
    told: undefined,
  },
};

/** Unpacks a ledger into a folder of the test. @returns the data folder */
async function unpack(t: TestContext, name: string): Promise<string> {
  const dir = await tempDir(t);
  mkdirSync(join(dir, "1"));
  for (const file of readdirSync(join(LEDGERS, name))) {
    const bytes = readFileSync(join(LEDGERS, name, file));
    const packed = file.endsWith(".gz");
    writeFileSync(join(dir, "1", file.replace(/\.gz$/, "")), packed ? gunzipSync(bytes) : bytes);
  }
  return dir;
}

const onFailure = (error: Error): never => assert.fail(error);

describe("a ledger of an earlier version", () => {
  it("exists in every state", () => {
    const folders = readdirSync(LEDGERS, { withFileTypes: true }).filter((each) =>
      each.isDirectory(),
    );
    assert.deepEqual(folders.map(({ name }) => name).toSorted(), Object.keys(WRITTEN).toSorted());
  });

  for (const [name, { state, batches, sent, done, told }] of Object.entries(WRITTEN)) {
    it(`continues where it stopped, and comes to its draw: ${name}`, async (t) => {
      const dir = await unpack(t, name);
      const store = await openLedger({
        dir,
        draw: "1",
        winningNumber: WINNING_NUMBER,
        agencies: AGENCIES.length,
        onFailure,
      });
      t.after(() => store.close());
      assert.equal(await store.state(), state);
      assert.equal(
        await linesOf(store),
        Buffer.concat(batches.map(({ lines }) => lines)).toString(),
      );
      for (const of of AGENCIES) {
        const [count, bets] = sent[of] ?? [0, 0];
        const standing = await store.standing(agency(of));
        const { nextSequence, head } = standing;
        const claim = { batches: nextSequence - 1, bets: standing.bets, head: Buffer.from(head) };
        assert.deepEqual(claim, claimOf(of, count, bets));
        assert.equal(standing.done, done.includes(of));
      }
      const repeated = await submitAll(store, batches);
      assert.deepEqual([...new Set(repeated.map(({ kind }) => kind))], ["duplicate"]);
      for (const of of AGENCIES) await store.done(agency(of));
      const heard: string[] = [];
      await store.performDraw(({ recovered }) => {
        heard.push(recovered ? "recovered" : "performed");
        return Promise.resolve(true);
      });
      assert.deepEqual(heard, told === undefined ? [] : [told]);
      for (const of of AGENCIES) {
        const [count, bets] = sent[of] ?? [0, 0];
        const winners = await store.winners(agency(of));
        assert.deepEqual(await documentsOf(winners), winnersOf(of, count, bets));
      }
      await store.close(10_000);
      const verified = await verifyDraw(dir, "1");
      assert.deepEqual(
        [verified.state, verified.files, verified.difference],
        ["drawn", "done", undefined],
      );
    });
  }
});
