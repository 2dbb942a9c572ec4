import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { Delay } from "../../../src/store/bet-store.ts";
import type { LedgerOptions } from "../../../src/stores/ledger/ledger.ts";
import { verifyDraw } from "../../../src/stores/ledger/verify.ts";
import { MemoryDisk } from "../../support/disk-memory.ts";
import { documentsOf } from "../../support/documents.ts";
import { FakeClock } from "../../support/fake-clock.ts";
import {
  actOf,
  agency,
  batchOf,
  close,
  submit,
  tell,
  WINNING_NUMBER,
  winnersOf,
} from "../conformance/batches.ts";
import { DATA_DIR, eventually, openOn, recordsIn, segmentPath } from "./ledger-fixture.ts";

const LATE = { winningNumber: undefined } as const;
const told = actOf({ kind: "tell-number", number: WINNING_NUMBER });

describe("the search for winners of a number that is told after the seal", () => {
  const SEARCHED = { ...LATE, segmentBytes: 2048 };
  const BATCHES = 40;

  /** Sealed, its number told, in several segments. */
  async function sealed(options: Partial<LedgerOptions> = {}) {
    const disk = new MemoryDisk();
    const clock = new FakeClock();
    const store = await openOn(disk, { ...SEARCHED, clock, ...options });
    for (let next = 1; next <= BATCHES; ) {
      if ((await submit(store, batchOf(1, next))).kind === "stored") next++;
      else await new Promise(setImmediate);
    }
    await store.act(close);
    await store.act(told);
    assert.ok(recordsIn(disk, 4).length > 0);
    return { disk, clock, store };
  }

  it("reads every segment, and says how far it is", async () => {
    const seen: [bets: number, of: number][] = [];
    const { disk, store } = await sealed({ onSearch: ({ bets, of }) => seen.push([bets, of]) });
    await store.performDraw(tell);
    assert.deepEqual(await documentsOf(await store.winners(agency(1))), winnersOf(1, BATCHES));
    const counts = seen.map(([bets]) => bets);
    assert.ok(counts.length > 3);
    assert.deepEqual(
      counts,
      counts.toSorted((a, b) => a - b),
    );
    assert.deepEqual(seen.at(-1), [2 * BATCHES, 2 * BATCHES]);
    assert.ok(seen.every(([, of]) => of === 2 * BATCHES));
    await store.close();
    const { difference, agencies } = await verifyDraw(DATA_DIR, "1", disk);
    assert.equal(difference, undefined);
    assert.deepEqual(agencies[0]?.winners, winnersOf(1, BATCHES));
  });

  it("P8 stops the store at damage in any segment, before the draw", async () => {
    for (const segment of [1, 3]) {
      const failures: Error[] = [];
      const { disk, store } = await sealed({ onFailure: (error) => failures.push(error) });
      const record = recordsIn(disk, segment).at(1);
      assert.ok(record !== undefined);
      const bytes = disk.bytesOf(segmentPath(segment));
      bytes[record.at + 100] = (bytes[record.at + 100] ?? 0) ^ 1;
      const corrupt = {
        code: "LEDGER_CORRUPT",
        message: new RegExp(`0000000${segment}\\.seg at byte ${record.at}: expected CRC-32`),
      };
      await assert.rejects(
        store.performDraw(() => assert.fail("it was told")),
        corrupt,
      );
      assert.equal(failures.length, 1);
      await assert.rejects(store.state(), corrupt);
      await store.close();
      assert.equal(disk.openFiles, 0);
    }
  });

  it("waits until the process may open files, and counts nobody twice", async () => {
    const delays: Delay[] = [];
    const { disk, clock, store } = await sealed({ onDelay: (delay) => delays.push(delay) });
    delays.length = 0;
    const open = disk.open.bind(disk);
    let refused = 0;
    disk.open = (path, options) => {
      if (path !== segmentPath(3) || refused === 2) return open(path, options);
      refused++;
      return Promise.reject(Object.assign(new Error("EMFILE"), { code: "EMFILE" }));
    };
    const drawing = store.performDraw(tell);
    for (const tries of [1, 2]) {
      await eventually("it waits", () => delays.length === tries);
      assert.equal(refused, tries);
      clock.advance(1000);
    }
    assert.deepEqual(await drawing, { performed: true });
    assert.deepEqual(await documentsOf(await store.winners(agency(1))), winnersOf(1, BATCHES));
    const what = "search winners";
    assert.deepEqual(
      delays.filter((delay) => delay.what === what).map(({ kind }) => kind),
      ["waits", "waits", "over"],
    );
    await store.close();
    assert.equal((await verifyDraw(DATA_DIR, "1", disk)).difference, undefined);
  });

  it("ends when the store is closed, and the next start searches", async () => {
    const { disk, store } = await sealed();
    const drawing = assert.rejects(store.performDraw(tell), { code: "STORE_CLOSED" });
    const closed = store.close();
    await Promise.all([drawing, closed]);
    const again = await openOn(disk, SEARCHED);
    assert.equal(await again.state(), "sealed");
    assert.deepEqual(await again.performDraw(tell), { performed: true });
    assert.deepEqual(await documentsOf(await again.winners(agency(1))), winnersOf(1, BATCHES));
    await again.close();
  });
});
