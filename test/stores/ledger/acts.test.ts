import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { type Act, type Deed, encodeAct } from "../../../src/lottery/act.ts";
import { FIRST_HEAD, nextHead } from "../../../src/lottery/chain.ts";
import type { ActVerdict, BetStore, WinnersSearch } from "../../../src/store/bet-store.ts";
import { ACT } from "../../../src/stores/ledger/layout.ts";
import { readActs } from "../../../src/stores/ledger/read-draw.ts";
import { encodeRecord, type LedgerRecord, recordBytes } from "../../../src/stores/ledger/record.ts";
import { verifyDraw } from "../../../src/stores/ledger/verify.ts";
import { documentsOf } from "../../support/documents.ts";
import { MemoryDisk, randomFrom } from "../../support/disk-memory.ts";
import {
  agency,
  batchesOf,
  batchOf,
  submit,
  submitAll,
  tell,
  WINNING_NUMBER,
  winnersOf,
} from "../conformance/batches.ts";
import { DATA_DIR, openOn, segmentPath } from "./ledger-fixture.ts";

const actOf = (deed: Deed, by = "ana"): Act => ({ deed, atMs: 0, by, reason: "a test" });

/** Does it as often as it takes: a small disk may be busy. */
async function act(store: BetStore, deed: Deed, by?: string): Promise<ActVerdict> {
  for (;;) {
    const verdict = await store.act(actOf(deed, by));
    if (verdict.kind !== "busy") return verdict;
    await new Promise(setImmediate);
  }
}

const TOLD = { winningNumber: undefined, secondOperator: true } as const;

/** The whole life of a draw, with every kind of act that can follow another. */
const LIFE: readonly (readonly [Deed, string])[] = [
  [{ kind: "open" }, "ana"],
  [{ kind: "close-out", agency: agency(2) }, "ana"],
  [{ kind: "close" }, "(clock)"],
  [{ kind: "propose-number", number: WINNING_NUMBER }, "ana"],
  [{ kind: "tell-number", number: WINNING_NUMBER }, "eva"],
];

async function live(store: BetStore, acknowledged: Deed["kind"][]): Promise<void> {
  for (const [deed, by] of LIFE) {
    if (deed.kind === "close-out") {
      await submitAll(store, [...batchesOf(1, 1, 4), batchOf(2, 1)]);
    }
    const { kind } = await act(store, deed, by);
    assert.ok(kind === "done" || kind === "already", kind);
    if (!acknowledged.includes(deed.kind)) acknowledged.push(deed.kind);
  }
  await store.performDraw(tell);
}

describe("acts in a ledger", () => {
  it("are in the seal, shown by verify and export, and chained", async () => {
    const disk = new MemoryDisk();
    const store = await openOn(disk, TOLD);
    await live(store, []);
    await store.close(1000);
    const { acts, agencies, state, difference, files } = await verifyDraw(DATA_DIR, "1", disk);
    assert.deepEqual([state, difference, files], ["drawn", undefined, "done"]);
    assert.deepEqual(
      acts.map(({ deed, by }) => [deed, by]),
      LIFE,
    );
    assert.deepEqual(await readActs(DATA_DIR, "1", disk), acts);
    assert.deepEqual(
      agencies.map(({ closedOut, winners }) => ({ closedOut, winners })),
      [
        { closedOut: true, winners: winnersOf(1, 4) },
        { closedOut: true, winners: winnersOf(2, 1) },
      ],
    );
  });

  it("survive a power cut at every step, once they were confirmed, and no step is done twice", async () => {
    const seed = Math.floor(Math.random() * 2 ** 31);
    const random = randomFrom(seed);
    let steps = 0;
    for (let cutAt = 1; ; cutAt++) {
      const disk = new MemoryDisk(random);
      let step = 0;
      const acknowledged: Deed["kind"][] = [];
      const cut = new Promise<"cut">((resolve) => {
        disk.onStep = () => {
          if (++step === cutAt) resolve("cut");
          return step === cutAt ? { kind: "crash" } : undefined;
        };
      });
      const life = (async () => {
        const store = await openOn(disk, { ...TOLD, onFailure: () => undefined });
        await live(store, acknowledged);
        await store.close(1000);
        return "over" as const;
      })();
      life.catch(() => undefined);
      const end = await Promise.race([life, cut]);
      if (end === "over") break;
      steps++;
      const after = disk.powerCut();
      const note = `seed ${seed}, cut at step ${cutAt}`;
      const store = await openOn(after, TOLD);
      const kinds = (await store.acts()).map(({ deed }) => deed.kind);
      assert.deepEqual(kinds.slice(0, acknowledged.length), acknowledged, note);
      await live(store, []);
      await store.close(1000);
      const { acts, difference } = await verifyDraw(DATA_DIR, "1", after);
      assert.equal(difference, undefined, note);
      // Each kind once, for what is so already is not done again. A proposal may be made anew.
      const once = acts.map(({ deed }) => deed.kind).filter((kind) => kind !== "propose-number");
      assert.equal(new Set(once).size, once.length, note);
    }
    assert.ok(steps > 20, String(steps));
  });

  it("are refused with file and place when they cannot have happened", async () => {
    const good = actOf({ kind: "open" });
    const body = encodeAct(good);
    const head = nextHead(FIRST_HEAD, 1, 0, body);
    const record = (change: Partial<LedgerRecord>): LedgerRecord => ({
      kind: ACT,
      groupOffset: 0,
      agency: 0,
      group: 1,
      sequence: 1,
      count: 0,
      head,
      body,
      ...change,
    });
    const other = encodeAct(actOf({ kind: "tell-number", number: 7 }));
    for (const [change, expected] of [
      [{}, undefined],
      [{ sequence: 2 }, "expected act 1, found 2"],
      [{ head: FIRST_HEAD }, "expected head of the acts"],
      [{ body: Buffer.from("{}") }, 'expected the text of an act, found "{}"'],
      [
        { body: other, head: nextHead(FIRST_HEAD, 1, 0, other) },
        "expected an act that is new, found not-sealed",
      ],
    ] as const) {
      const disk = new MemoryDisk();
      await (await openOn(disk)).close();
      const forged = record(change);
      encodeRecord(forged, disk.bytesOf(segmentPath(1)), 32);
      if (expected === undefined) {
        await (await openOn(disk)).close();
        continue;
      }
      await assert.rejects(openOn(disk), (error: Error & { code?: string }) => {
        assert.equal(error.code, "LEDGER_CORRUPT");
        assert.ok(
          error.message.includes(`${segmentPath(1)} at byte 32: ${expected}`),
          error.message,
        );
        return true;
      });
      assert.ok(recordBytes(forged.body.length) > 0);
    }
  });

  it("are found again where a summary covers them", async () => {
    const disk = new MemoryDisk();
    const first = await openOn(disk);
    await act(first, { kind: "open" });
    await submitAll(first, batchesOf(1, 1, 3));
    await act(first, { kind: "close-out", agency: agency(2) });
    await first.close();
    assert.ok(disk.paths.some((path) => path.endsWith(".sum")));
    const second = await openOn(disk);
    assert.deepEqual(
      (await second.acts()).map(({ deed }) => deed.kind),
      ["open", "close-out"],
    );
    assert.equal((await submit(second, batchOf(2, 1))).kind, "late");
    await second.close();
    assert.equal((await verifyDraw(DATA_DIR, "1", disk)).difference, undefined);
  });

  it("have room on a full disk: a close, two numbers, and the draw", async () => {
    const disk = new MemoryDisk();
    const store = await openOn(disk, { ...TOLD, segmentBytes: 64 * 1024 });
    await submit(store, batchOf(1, 1, 3));
    disk.capacityBytes = 0;
    let sequence = 2;
    for (let busy = 0; busy < 50; ) {
      const { kind } = await submit(store, batchOf(1, sequence, 20));
      if (kind === "stored") sequence++;
      else busy++;
    }
    for (const [deed, by] of LIFE.slice(2)) {
      assert.deepEqual(await store.act(actOf(deed, by)), { kind: "done" }, deed.kind);
    }
    assert.deepEqual(await store.performDraw(tell), { performed: true });
    const winners = await documentsOf(await store.winners(agency(1)));
    assert.deepEqual(winners?.slice(0, 1), winnersOf(1, 1, 3));
    disk.capacityBytes = Number.POSITIVE_INFINITY;
    await store.close(1000);
  });
});

describe("the search for winners", () => {
  const plan = { winningNumber: undefined } as const;

  it("looks at every bet in all segments, and says how far it is", async () => {
    const disk = new MemoryDisk();
    const searches: WinnersSearch[] = [];
    const store = await openOn(disk, { ...plan, onSearch: (search) => searches.push(search) });
    for (const batch of batchesOf(1, 1, 60)) {
      while ((await submit(store, batch)).kind !== "stored") await new Promise(setImmediate);
    }
    await act(store, { kind: "close" });
    await act(store, { kind: "tell-number", number: WINNING_NUMBER });
    assert.deepEqual(searches, []);
    await store.performDraw(tell);
    assert.deepEqual(await documentsOf(await store.winners(agency(1))), winnersOf(1, 60));
    assert.deepEqual(searches.at(-1), { bets: 120, of: 120 });
    assert.ok(searches.length > 1);
    const looked = searches.map(({ bets }) => bets);
    assert.deepEqual(
      looked,
      looked.toSorted((a, b) => a - b),
    );
    await store.close(1000);
  });

  it("ends the store when a record is not what was stored", async () => {
    const disk = new MemoryDisk();
    const failures: Error[] = [];
    const store = await openOn(disk, { ...plan, onFailure: (error) => failures.push(error) });
    await submitAll(store, batchesOf(1, 1, 3));
    await act(store, { kind: "close" });
    const bytes = disk.bytesOf(segmentPath(1));
    bytes[200] = (bytes[200] ?? 0) ^ 1;
    await act(store, { kind: "tell-number", number: WINNING_NUMBER });
    await assert.rejects(store.performDraw(tell), { code: "LEDGER_CORRUPT" });
    assert.equal(failures.length, 1);
    await store.close();
  });
});
