import assert from "node:assert/strict";
import { readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, it } from "node:test";
import { openCsvStore } from "../../../src/stores/csv/csv-store.ts";
import { runsIn } from "../../../src/stores/csv/runs.ts";
import type { BetStore } from "../../../src/store/bet-store.ts";
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
} from "../conformance/batches.ts";
import { FakeClock } from "../../support/fake-clock.ts";
import { MemoryDisk, noLock, randomFrom } from "../../support/disk-memory.ts";
import { tempDir } from "../../support/temp-dir.ts";
import { documentsOf } from "../../support/documents.ts";

type Options = Parameters<typeof openCsvStore>[0];

const settings = {
  draw: "1",
  winningNumber: WINNING_NUMBER,
  agencies: 2,
  onFailure: (error: Error) => {
    throw error;
  },
};

/** Time stands still, so closing waits as long as needed. */
const openIn = (dir: string): Promise<BetStore> =>
  openCsvStore({ ...settings, dir, clock: new FakeClock() });

function openOn(disk: MemoryDisk, options: Partial<Options> = {}): Promise<BetStore> {
  return openCsvStore({ ...settings, dir: "/data", disk, lock: noLock, ...options });
}

const rows = (text: string): Buffer => Buffer.from(text);

describe("the csv store's file", () => {
  it("must be there before the draw is sealed", async () => {
    const disk = new MemoryDisk();
    const failures: Error[] = [];
    const store = await openOn(disk, { onFailure: (error) => failures.push(error) });
    await submitAll(store, batchesOf(1, 1, 3));
    await store.done(agency(1));
    await disk.remove("/data/bets.csv");
    await assert.rejects(store.done(agency(2)), {
      code: "STORE_FAILED",
      message: /bets\.csv: it was removed or replaced/,
    });
    await store.close();
    assert.deepEqual([failures.length, disk.paths], [1, []]);
  });

  it("gets no seal.json when it has become shorter", async () => {
    const disk = new MemoryDisk();
    const failures: Error[] = [];
    const store = await openOn(disk, { onFailure: (error) => failures.push(error) });
    await submitAll(store, batchesOf(1, 1, 3));
    for (const of of [1, 2]) await store.done(agency(of));
    const file = await disk.open("/data/bets.csv", { mode: "write" });
    await file.truncate(20);
    await file.close();
    await store.performDraw(tell);
    await store.close();
    assert.match(failures[0]?.message ?? "", /bets\.csv: it has 20 bytes, and had \d+ before/);
    assert.deepEqual(disk.paths, ["/data/bets.csv"]);
  });

  it("is only bets.csv, until the draw adds seal.json", async (t) => {
    const dir = await tempDir(t);
    const store = await openIn(dir);
    await submitAll(store, [...batchesOf(1, 1, 3), ...batchesOf(2, 1, 2)]);
    const sent = [...batchesOf(1, 1, 3), ...batchesOf(2, 1, 2)].map(({ lines }) => lines);
    assert.deepEqual(await readFile(join(dir, "bets.csv")), Buffer.concat(sent));
    assert.deepEqual((await readdir(dir)).toSorted(), ["bets.csv", "bets.lock"]);
    await store.done(agency(1), claimOf(1, 3));
    await store.done(agency(2), claimOf(2, 2));
    await store.performDraw(tell);
    await store.close();
    assert.deepEqual((await readdir(dir)).toSorted(), ["bets.csv", "seal.json"]);
    const seal = JSON.parse(await readFile(join(dir, "seal.json"), "utf8")) as { bets: number };
    assert.equal(seal.bets, 10);
  });

  it("is counted again at the next start, also its winners", async (t) => {
    const dir = await tempDir(t);
    const first = await openIn(dir);
    await submitAll(first, [...batchesOf(1, 1, 30), ...batchesOf(2, 1, 7)]);
    await first.close();
    const second = await openIn(dir);
    assert.equal((await second.standing(agency(1))).bets, 60);
    assert.equal((await second.standing(agency(2))).bets, 14);
    for (const of of [1, 2]) await second.done(agency(of));
    await second.performDraw(tell);
    assert.deepEqual(await documentsOf(await second.winners(agency(1))), winnersOf(1, 30));
    assert.deepEqual(await documentsOf(await second.winners(agency(2))), winnersOf(2, 7));
    await second.close();
  });

  it("P10 loses only the torn row, wherever it was torn", async (t) => {
    const dir = await tempDir(t);
    const whole = Buffer.from(batchOf(1, 1, 3).lines);
    const secondEnd = whole.lastIndexOf("\n", whole.length - 2) + 1;
    for (let cut = secondEnd; cut < whole.length; cut++) {
      await writeFile(join(dir, "bets.csv"), whole.subarray(0, cut));
      const store = await openIn(dir);
      assert.equal((await store.standing(agency(1))).bets, 2);
      const rest = { ...batchOf(1, 1, 3), count: 1, lines: whole.subarray(secondEnd) };
      assert.equal((await submit(store, rest)).kind, "stored");
      await store.close();
      assert.deepEqual(await readFile(join(dir, "bets.csv")), whole);
    }
  });

  it("P8 is refused with the line's number when a complete row is not a bet of the draw", async (t) => {
    const dir = await tempDir(t);
    const good = Buffer.from(batchOf(1, 1, 3).lines).toString("utf8");
    for (const [bad, reason] of [
      ["1,Ana,Paz,1,2000-02-30,1\r\n", /bets\.csv:4: birthdate is not a day of the calendar/],
      ["3,Ana,Paz,1,2000-02-28,1\r\n", /bets\.csv:4: it is of none of the draw's 2 agencies/],
      ["Ana,Paz,1,2000-02-28,1\r\n", /bets\.csv:4: it is of none/],
      ["1,Ana,Paz,1,2000-02-28,1\n", /bets\.csv:4: line does not end in CR LF/],
    ] as const) {
      await writeFile(join(dir, "bets.csv"), `${good}${bad}${good}`);
      await assert.rejects(openIn(dir), { code: "LEDGER_CORRUPT", message: reason });
    }
  });

  it("P8 is refused for zeros that a crash in the last flush cannot have left", async (t) => {
    const dir = await tempDir(t);
    const many = Buffer.concat(batchesOf(1, 1, 25_000).map(({ lines }) => lines));
    const late = Math.floor((many.length - 600) / 512) * 512;
    await writeFile(join(dir, "bets.csv"), Buffer.from(many).fill(0, late, late + 512));
    const store = await openIn(dir);
    const { bets } = await store.standing(agency(1));
    assert.ok(bets > 49_950 && bets < 50_000, `${bets}`);
    await store.close();
    await writeFile(join(dir, "bets.csv"), Buffer.from(many).fill(0, 100, 110));
    await assert.rejects(openIn(dir), { code: "LEDGER_CORRUPT", message: /bets\.csv:3: .*zero/ });
    await writeFile(join(dir, "bets.csv"), Buffer.from(many).fill(0, 512, 1024));
    await assert.rejects(openIn(dir), { code: "LEDGER_CORRUPT", message: /more than the last/ });
  });

  it("may be larger than one read", async (t) => {
    const dir = await tempDir(t);
    const many = batchesOf(1, 1, 4000).map(({ lines }) => lines);
    await writeFile(join(dir, "bets.csv"), Buffer.concat([...many, rows("1,torn")]));
    const store = await openIn(dir);
    assert.equal((await store.standing(agency(1))).bets, 8000);
    assert.equal(await linesOf(store), Buffer.concat(many).toString("utf8"));
    await store.close();
  });
});

describe("the csv store on a bad disk", () => {
  const seed = Math.floor(Math.random() * 2 ** 32);

  it(`P1 has every confirmed bet after a crash at any step (seed ${seed})`, async () => {
    for (let crashAt = 0; crashAt < 60; crashAt++) {
      const disk = new MemoryDisk(randomFrom(seed + crashAt));
      let step = 0;
      disk.onStep = () => (step++ === crashAt ? { kind: "crash" } : undefined);
      let confirmed = 0;
      const life = async (): Promise<void> => {
        const store = await openOn(disk, { onFailure: () => undefined });
        for (const batch of batchesOf(1, 1, 20)) {
          store.submit(batch, () => (confirmed += 2));
          await store.standing(agency(1));
        }
        await store.close();
      };
      await life().catch(() => undefined);
      const store = await openOn(disk.powerCut());
      const place = `seed ${seed}, crash at step ${crashAt}`;
      const { bets } = await store.standing(agency(1));
      assert.ok(bets >= confirmed, `${place}: ${confirmed} confirmed, ${bets} there`);
      const text = Buffer.concat(batchesOf(1, 1, 20).map(({ lines }) => lines)).toString("utf8");
      assert.ok(text.startsWith(await linesOf(store)), place);
      await store.close();
    }
  });

  it("P9 says busy while the disk is full, and finishes waiting batches when there is room", async () => {
    const disk = new MemoryDisk();
    const clock = new FakeClock();
    const store = await openOn(disk, { clock });
    assert.equal((await submit(store, batchOf(1, 1))).kind, "stored");
    disk.capacityBytes = 0;
    const waiting = submit(store, batchOf(1, 2));
    while (clock.timers === 0) await new Promise(setImmediate);
    // This batch is after the waiting one, and is settled when that one is.
    const behind = submit(store, batchOf(1, 3));
    assert.equal(store.congested, false);
    disk.capacityBytes = Number.POSITIVE_INFINITY;
    clock.advance(1000);
    assert.equal((await waiting).kind, "stored");
    assert.deepEqual(await behind, { kind: "busy", retryAfterMs: 1000 });
    const again = submit(store, batchOf(1, 3));
    await store.close();
    assert.equal((await again).kind, "stored");
  });

  it("closes while the disk is full, and confirms no waiting batch", async () => {
    for (const full of ["before", "meanwhile"]) {
      const disk = new MemoryDisk();
      const clock = new FakeClock();
      const failures: Error[] = [];
      const store = await openOn(disk, { clock, onFailure: (error) => failures.push(error) });
      assert.equal((await submit(store, batchOf(1, 1))).kind, "stored");
      disk.capacityBytes = 0;
      store.submit(batchOf(1, 2), () => assert.fail("it was not stored"));
      const standing = store.standing(agency(1));
      if (full === "before") while (clock.timers === 0) await new Promise(setImmediate);
      const closing = store.close();
      await assert.rejects(standing, { code: "STORE_CLOSED" });
      await closing;
      assert.deepEqual(failures, []);
      assert.equal(disk.openFiles, 0);
    }
  });

  it("P8 stops for good when a sync fails", async () => {
    const disk = new MemoryDisk();
    const failures: Error[] = [];
    const store = await openOn(disk, { onFailure: (error) => failures.push(error) });
    disk.onStep = ({ kind }) => (kind === "sync" ? { kind: "error", code: "EIO" } : undefined);
    let settled = 0;
    store.submit(batchOf(1, 1), () => settled++);
    await assert.rejects(store.standing(agency(1)), { code: "STORE_FAILED", message: /EIO/ });
    disk.onStep = () => undefined;
    store.submit(batchOf(1, 1), () => settled++);
    await store.close();
    assert.deepEqual([failures.length, settled], [1, 0]);
  });
});

describe("runs of rows", () => {
  it("are rows of one agency that follow each other", () => {
    const text = "1,a\r\n1,b\r\n22,c\r\n1,d\r\n";
    const runs = [...runsIn(rows(text))];
    assert.deepEqual(
      runs.map(({ agency: of, count, lines }) => [of, count, lines.toString()]),
      [
        [1, 2, "1,a\r\n1,b\r\n"],
        [22, 1, "22,c\r\n"],
        [1, 1, "1,d\r\n"],
      ],
    );
    assert.deepEqual([...runsIn(rows(""))], []);
  });
});
