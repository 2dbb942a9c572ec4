import assert from "node:assert/strict";
import { hash } from "node:crypto";
import { describe, it } from "node:test";
import { DrawBook } from "../../../src/lottery/draw-book.ts";
import type { Receipt } from "../../../src/lottery/receipt.ts";
import { enterBatch } from "../../support/enter-batch.ts";
import { encodeSegmentHeader } from "../../../src/stores/ledger/segment-image.ts";
import { BATCH } from "../../../src/stores/ledger/layout.ts";
import { readDraw } from "../../../src/stores/ledger/read-draw.ts";
import { encodeRecord } from "../../../src/stores/ledger/record.ts";
import { verifyDraw, type Verification } from "../../../src/stores/ledger/verify.ts";
import type { BetStore, StoredBatch } from "../../../src/store/bet-store.ts";
import {
  actOf,
  agency,
  batchesOf,
  batchOf,
  claimOf,
  close,
  submit,
  submitAll,
  WINNING_NUMBER,
  winnersOf,
  tell,
} from "../conformance/batches.ts";
import { MemoryDisk } from "../../support/disk-memory.ts";
import { DATA_DIR, DRAW_DIR, eventually, openOn, segmentPath } from "./ledger-fixture.ts";

const BETS = `${DRAW_DIR}/bets.csv`;
const SEAL = `${DRAW_DIR}/seal.json`;

async function fill(disk: MemoryDisk): Promise<BetStore> {
  const store = await openOn(disk);
  for (const batch of [...batchesOf(1, 1, 15), ...batchesOf(2, 1, 3)]) {
    assert.equal((await submit(store, batch)).kind, "stored");
  }
  return store;
}

async function drawn(): Promise<MemoryDisk> {
  const disk = new MemoryDisk();
  const store = await fill(disk);
  await store.done(agency(1), claimOf(1, 15));
  await store.done(agency(2), claimOf(2, 3));
  await store.performDraw(tell);
  await store.close();
  return disk;
}

const verify = (disk: MemoryDisk): Promise<Verification> => verifyDraw(DATA_DIR, "1", disk);

async function readAll(disk: MemoryDisk): Promise<StoredBatch[]> {
  const batches: StoredBatch[] = [];
  for await (const batch of readDraw(DATA_DIR, "1", disk)) batches.push(batch);
  return batches;
}

async function rewrite(disk: MemoryDisk, path: string, text: string): Promise<void> {
  const file = await disk.open(path, { mode: "create" });
  await new Promise((resolve) => file.write(Buffer.from(text), 0, resolve));
}

/** What agency 1 would have kept of its batches. */
async function receiptsOf(disk: MemoryDisk): Promise<Receipt[]> {
  const batches = (await readAll(disk)).filter((batch) => batch.agency === 1);
  return batches.map(({ sequence, count, lines, head }) => ({
    draw: "1",
    agency: 1,
    sequence,
    bets: count,
    linesHash: hash("sha256", lines),
    head: Buffer.from(head).toString("hex"),
  }));
}

describe("P7 verifying a draw with agencies' receipts", () => {
  it("counts those that agree, of some agencies or of all", async () => {
    const disk = await drawn();
    const receipts = await receiptsOf(disk);
    assert.equal(receipts.length, 15);
    const verified = await verifyDraw(DATA_DIR, "1", disk, receipts);
    assert.deepEqual(
      [verified.receipts, verified.difference],
      [{ given: 15, agree: 15 }, undefined],
    );
    const none = await verifyDraw(DATA_DIR, "1", disk, []);
    assert.deepEqual([none.receipts, none.difference], [{ given: 0, agree: 0 }, undefined]);
  });

  for (const [what, change] of [
    ["the same", {}],
    ["another that says the same batch", { head: "0".repeat(64) }],
  ] as const) {
    it(`finds a difference when a batch has two receipts, the second ${what}`, async () => {
      const disk = await drawn();
      const receipts = await receiptsOf(disk);
      const [, , third = assert.fail()] = receipts;
      const given = [...receipts, { ...third, ...change }];
      for (const order of [given, given.toReversed()]) {
        const verified = await verifyDraw(DATA_DIR, "1", disk, order);
        assert.match(
          verified.difference ?? "",
          /^the receipt of batch 3 of agency 1: expected one, and there are two: 1,1,3,.* and 1,1,3,/,
        );
        assert.equal(verified.receipts?.given, 16);
      }
    });
  }

  it("counts 130,000 receipts that the ledger does not have", async () => {
    const disk = await drawn();
    const [first = assert.fail()] = await receiptsOf(disk);
    const many = Array.from({ length: 130_000 }, (_, index) => ({ ...first, sequence: index + 1 }));
    const verified = await verifyDraw(DATA_DIR, "1", disk, many);
    assert.deepEqual(verified.receipts, { given: 130_000, agree: 1 });
    assert.match(verified.difference ?? "", /the receipt of batch 2 of agency 1/);
  });

  it("says how many agree before the place where the ledger is damaged", async () => {
    const disk = await drawn();
    const receipts = await receiptsOf(disk);
    const [segment = assert.fail()] = disk.paths.filter((path) => path.endsWith(".seg"));
    const bytes = disk.bytesOf(segment);
    bytes[bytes.length >> 1] = (bytes[bytes.length >> 1] ?? 0) ^ 0xff;
    const verified = await verifyDraw(DATA_DIR, "1", disk, receipts);
    assert.match(verified.difference ?? "", /\.seg/);
    assert.equal(verified.receipts?.given, 15);
    assert.ok(verified.receipts.agree < 15);
  });

  for (const [what, change, difference] of [
    [
      "head",
      { head: "0".repeat(64) },
      /^the receipt of batch 3 of agency 1: expected .*0{64}, and/,
    ],
    ["hash of the lines", { linesHash: "0".repeat(64) }, /batch 3 of agency 1/],
    ["number of bets", { bets: 99 }, /batch 3 of agency 1: expected 1,1,3,99,/],
    ["sequence, of a batch that is not there", { sequence: 16 }, /batch 16 .*has no such batch$/],
    ["agency, which the draw does not have", { agency: 9 }, /of agency 9: .*has no such batch$/],
  ] as const) {
    it(`names the receipt with another ${what}`, async () => {
      const disk = await drawn();
      const receipts = await receiptsOf(disk);
      const [, , third = assert.fail()] = receipts;
      const verified = await verifyDraw(DATA_DIR, "1", disk, [
        ...receipts.slice(0, 2),
        { ...third, ...change },
        ...receipts.slice(3),
      ]);
      assert.match(verified.difference ?? "", difference);
      assert.deepEqual(verified.receipts, { given: 15, agree: 14 });
    });
  }
});

describe("P7 verifying a draw", () => {
  it("recomputes a drawn draw: batches, bets, heads, winners, seal", async () => {
    const { agencies, seal, ...rest } = await verify(await drawn());
    assert.deepEqual(rest, {
      draw: "1",
      winningNumber: WINNING_NUMBER,
      state: "drawn",
      acts: [],
      files: "done",
      receipts: undefined,
      tornTail: undefined,
      difference: undefined,
    });
    const expected = [
      { of: 1, batches: 15 },
      { of: 2, batches: 3 },
    ].map(({ of, batches }) => ({
      agency: of,
      batches,
      bets: batches * 2,
      winners: winnersOf(of, batches),
      head: Buffer.from(claimOf(of, batches).head).toString("hex"),
      done: true,
      closedOut: false,
      name: undefined,
    }));
    assert.deepEqual(agencies, expected);
    const book = new DrawBook({ name: "1", winningNumber: WINNING_NUMBER, agencies: 2 });
    for (const batch of [...batchesOf(1, 1, 15), ...batchesOf(2, 1, 3)]) {
      const entry = book.weigh(batch);
      assert.ok(entry.kind === "new");
      enterBatch(book, batch, entry.head);
    }
    for (const of of [1, 2]) book.enterDone(agency(of));
    assert.equal(seal, book.enterSeal().toString("hex"));
  });

  it("reports that a draw is open, and shows no winners, while a central runs", async () => {
    const disk = new MemoryDisk();
    const store = await fill(disk);
    await store.done(agency(2));
    const { state, agencies, seal, files, difference } = await verify(disk);
    assert.deepEqual(
      { state, seal, files, difference },
      { state: "open", seal: undefined, files: "none", difference: undefined },
    );
    assert.deepEqual(
      agencies.map(({ batches, done, winners }) => ({ batches, done, winners })),
      [
        { batches: 15, done: false, winners: [] },
        { batches: 3, done: true, winners: [] },
      ],
    );
    await store.close();
  });

  it("accepts a sealed draw without its files, because a crash may leave it so", async () => {
    const disk = new MemoryDisk();
    const store = await fill(disk);
    await store.done(agency(1));
    await store.done(agency(2));
    await store.close();
    assert.equal((await verify(disk)).state, "sealed");
    await disk.remove(SEAL);
    assert.equal((await verify(disk)).difference, undefined);
    await disk.remove(BETS);
    assert.equal((await verify(disk)).difference, undefined);
  });

  it("names the line of bets.csv that differs", async () => {
    const disk = await drawn();
    const text = disk.bytesOf(BETS).toString("utf8");
    const lines = text.split("\r\n");
    const seventh = lines[6] ?? "";
    const other = seventh.replace("1999", "1998");
    await rewrite(disk, BETS, text.replace(seventh, other));
    const { difference } = await verify(disk);
    assert.match(difference ?? "", /^\/data\/1\/bets\.csv at line 7: expected .*1998-03-17/);

    await rewrite(disk, BETS, `${text}9,Extra,Bet,1,2000-01-01,7574\r\n`);
    assert.match((await verify(disk)).difference ?? "", /bets\.csv at line 37: expected the end/);
    await rewrite(disk, BETS, text.slice(0, -1));
    assert.match((await verify(disk)).difference ?? "", /bets\.csv at line 36/);
    await disk.remove(BETS);
    assert.match((await verify(disk)).difference ?? "", /bets\.csv: expected the file, found none/);
  });

  it("names the field of seal.json that differs", async () => {
    const disk = await drawn();
    const contents = JSON.parse(disk.bytesOf(SEAL).toString("utf8")) as Record<string, unknown>;
    assert.deepEqual(Object.keys(contents), [
      "version",
      "draw",
      "winningNumber",
      "agencies",
      "acts",
      "bets",
      "seal",
      "betsCsvSha256",
      "betsCsvBytes",
    ]);
    for (const key of Object.keys(contents)) {
      await rewrite(disk, SEAL, JSON.stringify({ ...contents, [key]: "other" }));
      const { difference } = await verify(disk);
      assert.ok(difference?.startsWith(`${SEAL}: expected ${key} `), difference ?? key);
    }
  });

  it("reports the files of a drawn draw as pending if only the last one is missing", async () => {
    const disk = await drawn();
    const bets = disk.bytesOf(BETS);
    await disk.remove(SEAL);
    const left = await verify(disk);
    assert.deepEqual([left.files, left.difference], ["pending", undefined]);
    bets[0] = (bets[0] ?? 0) ^ 1;
    assert.match((await verify(disk)).difference ?? "", /bets\.csv at line 1/);
    await disk.remove(BETS);
    const bare = await verify(disk);
    assert.deepEqual([bare.files, bare.difference], ["pending", undefined]);
  });

  it("reports a missing bets.csv as a flaw if seal.json, which is written after it, is there", async () => {
    const disk = await drawn();
    await disk.remove(BETS);
    const { difference, files } = await verify(disk);
    assert.match(difference ?? "", /bets\.csv: expected the file, found none, and a seal\.json/);
    assert.equal(files, "done");
  });

  it("names file and offset of a damaged record", async () => {
    const disk = await drawn();
    const bytes = disk.bytesOf(segmentPath(1));
    bytes[100] = (bytes[100] ?? 0) ^ 1;
    const { difference } = await verify(disk);
    assert.ok(difference?.startsWith(`${segmentPath(1)} at byte 32: expected CRC-32 `), difference);
  });

  it("does not believe a record that was forged with a right CRC", async () => {
    const disk = await drawn();
    const bytes = disk.bytesOf(segmentPath(1));
    const { lines, ...batch } = batchOf(1, 1);
    const body = Buffer.from(Buffer.from(lines).toString("utf8").replace("1999", "1998"));
    const { head } = claimOf(1, 1);
    encodeRecord({ ...batch, kind: BATCH, group: 1, groupOffset: 0, head, body }, bytes, 32);
    const { difference } = await verify(disk);
    assert.match(difference ?? "", /00000001\.seg at byte 32: expected chain head/);
  });

  it("does not believe lines that are not bets, even if their chain is right", async () => {
    const disk = new MemoryDisk();
    await (await openOn(disk)).close();
    const bytes = disk.bytesOf(segmentPath(1));
    const book = new DrawBook({ name: "1", winningNumber: WINNING_NUMBER, agencies: 2 });
    const forged = {
      ...batchOf(1, 1),
      lines: Buffer.from("1,Nobody,,1,2000-02-30,1\r\n"),
      count: 1,
    };
    const entry = book.weigh(forged);
    assert.ok(entry.kind === "new");
    const { head } = entry;
    const { lines: body, ...batch } = forged;
    encodeRecord({ ...batch, kind: BATCH, group: 1, groupOffset: 0, head, body }, bytes, 32);
    const { difference } = await verify(disk);
    assert.match(difference ?? "", /birthdate is not a day of the calendar/);
  });

  it("reports a torn tail, and counts only complete records", async () => {
    const disk = new MemoryDisk();
    const store = await openOn(disk, { onFailure: () => undefined });
    await submitAll(store, batchesOf(1, 1, 3));
    const torn = disk.powerCut();
    torn.bytesOf(segmentPath(1)).fill(0x58, 500, 520);
    const { tornTail, difference, agencies } = await verify(torn);
    assert.equal(difference, undefined);
    assert.deepEqual([tornTail?.file, agencies[0]?.batches], [segmentPath(1), 2]);
    const read = await readAll(torn);
    assert.equal(read.length, 2);
  });

  it("is not misled by bytes that a running central is just writing", async () => {
    const disk = new MemoryDisk();
    const store = await openOn(disk);
    await submit(store, batchOf(1, 1));
    const path = segmentPath(1);
    const before = Buffer.from(disk.bytesOf(path));
    await submit(store, batchOf(1, 2));
    await submit(store, batchOf(1, 3));
    // A slow read: its first part comes before two flushes, the rest after them.
    const open = disk.open.bind(disk);
    let reads = 0;
    disk.open = async (name, options) => {
      const file = await open(name, options);
      if (name !== path) return file;
      return {
        ...file,
        read: async (into, position) => {
          const bytes = await file.read(into, position);
          if (bytes > 3000 && reads++ === 0) before.copy(into, 0, position, 420);
          return bytes;
        },
      };
    };
    const { difference, agencies, tornTail } = await verify(disk);
    assert.deepEqual([difference, tornTail, agencies[0]?.batches], [undefined, undefined, 3]);
    assert.ok(reads >= 2);
    await store.close();
  });

  it("refuses a folder without a draw, and a segment of another number", async () => {
    const disk = new MemoryDisk();
    await assert.rejects(verify(disk), { code: "STORE_UNUSABLE", message: /there is no draw/ });
    const other = await drawn();
    encodeSegmentHeader(7, 2048).copy(other.bytesOf(segmentPath(1)));
    assert.match(
      (await verify(other)).difference ?? "",
      /00000001\.seg at byte 0: expected the header/,
    );
  });
});

describe("reading a draw while its central runs", () => {
  it("gives every batch in order, and checks it", async () => {
    const disk = new MemoryDisk();
    const store = await fill(disk);
    const batches = await readAll(disk);
    const sent = [...batchesOf(1, 1, 15), ...batchesOf(2, 1, 3)];
    assert.deepEqual(
      batches.map(({ lines }) => Buffer.from(lines).toString()),
      sent.map(({ lines }) => Buffer.from(lines).toString()),
    );
    assert.deepEqual(batches.at(-1)?.head, claimOf(2, 3).head);
    await store.close();
  });
});

it("P7 verifying a draw reports names, agencies that were closed out, and acts", async () => {
  const disk = new MemoryDisk();
  const told = actOf({ kind: "tell-number", number: WINNING_NUMBER });
  const plan = { winningNumber: undefined } as const;
  const agencies = [
    { agency: agency(7), name: "Sur" },
    { agency: agency(2), name: "Centro" },
  ];
  const store = await openOn(disk, { ...plan, agencies });
  await submitAll(store, [...batchesOf(2, 1, 3), ...batchesOf(7, 1, 2)]);
  await store.done(agency(7));
  await store.act(close);
  const before = await verifyDraw(DATA_DIR, "1", disk);
  assert.deepEqual([before.state, before.winningNumber], ["sealed", undefined]);
  await store.act(told);
  await store.performDraw(tell);
  await eventually("the files", () => disk.paths.includes(`${DRAW_DIR}/seal.json`));
  await store.close();
  const verified = await verifyDraw(DATA_DIR, "1", disk);
  assert.equal(verified.difference, undefined);
  assert.equal(verified.winningNumber, WINNING_NUMBER);
  assert.deepEqual(verified.acts, [close, told]);
  assert.deepEqual(
    verified.agencies.map(({ agency: of, name, done, closedOut, winners }) => ({
      of,
      name,
      done,
      closedOut,
      winners,
    })),
    [
      { of: 2, name: "Centro", done: false, closedOut: true, winners: winnersOf(2, 3) },
      { of: 7, name: "Sur", done: true, closedOut: false, winners: winnersOf(7, 2) },
    ],
  );
  const seal = JSON.parse(disk.bytesOf(`${DRAW_DIR}/seal.json`).toString()) as Record<
    string,
    unknown
  >;
  assert.deepEqual(Object.keys(seal), [
    "version",
    "draw",
    "winningNumber",
    "agencies",
    "acts",
    "bets",
    "seal",
    "betsCsvSha256",
    "betsCsvBytes",
  ]);
  assert.deepEqual(seal["acts"], [
    { act: "close", at: "2026-11-30T21:00:00.000Z", by: "(clock)", reason: "" },
    {
      act: "tell-number",
      number: WINNING_NUMBER,
      at: "2026-11-30T21:00:00.000Z",
      by: "ana",
      reason: "because",
    },
  ]);
  const [centro, sur] = seal["agencies"] as Record<string, unknown>[];
  assert.deepEqual([centro?.["name"], centro?.["closedOut"]], ["Centro", true]);
  assert.deepEqual([sur?.["name"], sur?.["closedOut"]], ["Sur", undefined]);
});
