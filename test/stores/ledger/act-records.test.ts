import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { type Act, encodeAct } from "../../../src/lottery/act.ts";
import { FIRST_HEAD, nextHead } from "../../../src/lottery/chain.ts";
import type { ActVerdict, BetStore } from "../../../src/store/bet-store.ts";
import { ACT, BATCH, DONE, DRAW, SEAL } from "../../../src/stores/ledger/layout.ts";
import type { LedgerOptions } from "../../../src/stores/ledger/ledger.ts";
import { LedgerCorrupt } from "../../../src/stores/ledger/ledger-corrupt.ts";
import { encodeRecord, type LedgerRecord } from "../../../src/stores/ledger/record.ts";
import { verifyDraw } from "../../../src/stores/ledger/verify.ts";
import { MemoryDisk } from "../../support/disk-memory.ts";
import {
  actOf,
  agency,
  batchOf,
  claimOf,
  close,
  submit,
  submitAll,
  tell,
  WINNING_NUMBER,
} from "../conformance/batches.ts";
import {
  DATA_DIR,
  DRAW_DIR,
  openOn,
  recordsIn,
  segmentPath,
  summaryPath,
} from "./ledger-fixture.ts";

const cancel = actOf({ kind: "cancel" });
const closeOut = (of: number): Act => actOf({ kind: "close-out", agency: agency(of) });
const told = (number: number, by = "ana"): Act => actOf({ kind: "tell-number", number }, by);
const propose = (number: number, by: string): Act => actOf({ kind: "propose-number", number }, by);

const LATE = { winningNumber: undefined } as const;

/** A ledger after some events, whose process was then killed. */
async function killedAfter(
  options: Partial<LedgerOptions>,
  events: (store: BetStore) => Promise<void>,
): Promise<MemoryDisk> {
  const disk = new MemoryDisk();
  const store = await openOn(disk, { onFailure: () => undefined, ...options });
  await events(store);
  return disk.powerCut();
}

async function expectCorrupt(
  disk: MemoryDisk,
  options: Partial<LedgerOptions>,
  offset: number,
  message: RegExp,
): Promise<void> {
  const { difference } = await verifyDraw(DATA_DIR, "1", disk);
  await assert.rejects(openOn(disk, options), (error: unknown) => {
    assert.ok(error instanceof LedgerCorrupt, String(error));
    assert.match(error.message, message);
    assert.deepEqual([error.flaw.file, error.flaw.at], [segmentPath(1), { offset }]);
    return true;
  });
  assert.match(difference ?? "none", message);
}

/** The next act of a draw with one act, as it must be written. */
const nextAct = (act: Act, before: Buffer): Partial<LedgerRecord> => {
  const body = encodeAct(act);
  return { kind: ACT, sequence: 2, head: nextHead(before, 2, 0, body), body };
};
const withText = (text: string, before: Buffer): Partial<LedgerRecord> => {
  const body = Buffer.from(text);
  return { kind: ACT, sequence: 2, head: nextHead(before, 2, 0, body), body };
};
const batchAfter = (of: number): Partial<LedgerRecord> => {
  const { lines: body, count } = batchOf(of, 2);
  const { head } = claimOf(of, 2);
  return { kind: BATCH, agency: of, sequence: 2, count, head, body };
};
const doneOf = (of: number): Partial<LedgerRecord> => {
  const body = Buffer.alloc(8);
  body.writeUInt32BE(2, 4);
  return { kind: DONE, agency: of, sequence: 1, head: claimOf(of, 1).head, body };
};

describe("P8 a record that cannot come next", () => {
  /** What is written after one act, and what is found there. */
  type Case = readonly [
    what: string,
    first: Act,
    record: (before: Buffer) => Partial<LedgerRecord>,
    message: RegExp,
  ];
  const cases: readonly Case[] = [
    [
      "an act left out",
      closeOut(1),
      (before) => ({ ...nextAct(closeOut(2), before), sequence: 3 }),
      /act 2, found 3/,
    ],
    [
      "an act again",
      closeOut(1),
      (before) => nextAct(closeOut(1), before),
      /is new, found already/,
    ],
    [
      "another chain",
      closeOut(1),
      (before) => ({ ...nextAct(closeOut(2), before), head: FIRST_HEAD }),
      /expected head of the acts [0-9a-f]{64}, found 0{64}/,
    ],
    [
      "the chain of the first act",
      closeOut(1),
      () => nextAct(closeOut(2), FIRST_HEAD),
      /expected head of the acts/,
    ],
    [
      "an agency",
      closeOut(1),
      (before) => ({ ...nextAct(closeOut(2), before), agency: 1 }),
      /agency 0/,
    ],
    [
      "a count",
      closeOut(1),
      (before) => ({ ...nextAct(closeOut(2), before), count: 1 }),
      /count 0/,
    ],
    [
      "an agency that is not of the draw",
      closeOut(1),
      (before) => nextAct(closeOut(3), before),
      /found unknown-agency/,
    ],
    ["a number before the seal", closeOut(1), (before) => nextAct(told(1), before), /not-sealed/],
    [
      "an act after a cancellation",
      cancel,
      (before) => nextAct(closeOut(1), before),
      /found cancelled/,
    ],
    ["a cancellation after a close", close, (before) => nextAct(cancel, before), /found not-open/],
    [
      "a text that is no act",
      closeOut(1),
      (before) => withText('{"act":"reopen"}', before),
      /expected the text of an act, found "\{\\"act\\":\\"reopen\\"\}"/,
    ],
    [
      "a text with a space more",
      closeOut(1),
      (before) => withText(`${encodeAct(closeOut(2)).toString()} `, before),
      /expected the text of an act/,
    ],
    ["no text", closeOut(1), (before) => withText("", before), /expected the text of an act/],
    ["bets of an agency that is closed out", closeOut(1), () => batchAfter(1), /closed out: true/],
    ["a DONE of an agency that is closed out", closeOut(1), () => doneOf(1), /closed out: true/],
    ["bets after a close", close, () => batchAfter(2), /closed out: true/],
    [
      "bets after a cancellation",
      cancel,
      () => batchAfter(2),
      /a draw that is open, found cancelled/,
    ],
  ];
  for (const [what, first, forge, message] of cases) {
    it(`is refused with file and offset: ${what}`, async () => {
      const disk = await killedAfter(LATE, async (store) => {
        await submitAll(store, [batchOf(1, 1), batchOf(2, 1)]);
        await store.act(first);
      });
      // Without the seal that follows a close.
      const records = recordsIn(disk).filter(({ kind }) => kind === BATCH || kind === ACT);
      const last = records.at(-1);
      assert.ok(last !== undefined && last.kind === ACT);
      const forged = { groupOffset: 0, group: last.group + 1, agency: 0, sequence: 0, count: 0 };
      const made = forge(Buffer.from(last.head));
      const bytes = disk.bytesOf(segmentPath(1)).fill(0, last.end);
      encodeRecord(
        { kind: ACT, head: FIRST_HEAD, body: Buffer.alloc(0), ...forged, ...made },
        bytes,
        last.end,
      );
      await expectCorrupt(disk, LATE, last.end, message);
    });
  }

  it("is refused with file and offset: a draw whose number nobody has told, or that is held back", async () => {
    const plans: readonly [Partial<LedgerOptions>, Act][] = [
      [LATE, close],
      [{ ...LATE, secondOperator: true }, propose(WINNING_NUMBER, "ana")],
      [{ ...LATE, byOperator: true }, told(WINNING_NUMBER)],
    ];
    for (const [plan, act] of plans) {
      const disk = await killedAfter(plan, async (store) => {
        await store.act(close);
        await store.act(act);
      });
      const last = recordsIn(disk).at(-1);
      assert.ok(last !== undefined);
      const body = Buffer.alloc(4);
      body.writeUInt32BE(WINNING_NUMBER);
      const { head } = recordsIn(disk).find(({ kind }) => kind === SEAL) ?? last;
      const draw = { kind: DRAW, groupOffset: 0, group: last.group + 1, head, body } as const;
      encodeRecord(
        { ...draw, agency: 0, sequence: 0, count: 0 },
        disk.bytesOf(segmentPath(1)),
        last.end,
      );
      await expectCorrupt(disk, plan, last.end, /a draw that may be performed: true, found false/);
    }
  });

  it("is missing when seal.json is there, and the number or the seal is not: the end is lost", async () => {
    const cases: readonly [Partial<LedgerOptions>, Act, RegExp][] = [
      [LATE, close, /records of a draw that is sealed/],
      [{}, cancel, /records of a draw that is cancelled/],
    ];
    for (const [plan, act, message] of cases) {
      const disk = await killedAfter(plan, async (store) => {
        await store.act(act);
      });
      const file = await disk.open(`${DRAW_DIR}/seal.json`, { mode: "create" });
      await new Promise((resolve) => file.write(Buffer.from("{}"), 0, resolve));
      await assert.rejects(openOn(disk, plan), { code: "LEDGER_CORRUPT", message });
    }
  });
});

describe("a summary that covers acts", () => {
  const plan = { ...LATE, segmentBytes: 2048, secondOperator: true };

  /** Acts in several segments, between batches; stopped in an orderly way. */
  async function build(): Promise<{ disk: MemoryDisk; acts: readonly Act[] }> {
    const disk = new MemoryDisk();
    const store = await openOn(disk, { ...plan, agencies: 9 });
    const acts = [actOf({ kind: "open" }, "(timetable)", ""), ...[9, 8, 7].map(closeOut), close];
    await perform(store, acts[0] ?? close);
    for (const act of acts.slice(1)) {
      let { nextSequence } = await store.standing(agency(1));
      const last = nextSequence + 12;
      while (nextSequence < last) {
        if ((await submit(store, batchOf(1, nextSequence))).kind === "stored") nextSequence++;
        else await new Promise(setImmediate);
      }
      await perform(store, act);
    }
    await perform(store, propose(1, "eva"));
    await store.close();
    return { disk, acts: [...acts, propose(1, "eva")] };
  }

  const open = (disk: MemoryDisk): Promise<BetStore> => openOn(disk, { ...plan, agencies: 9 });

  it("gives them to the next start with their whole text", async () => {
    const { disk, acts } = await build();
    assert.ok(disk.paths.includes(summaryPath(4)), "several segments");
    for (const from of [disk, withoutSummaries(disk)]) {
      const store = await open(from.clone());
      assert.deepEqual(await store.acts(), acts);
      assert.equal(await store.state(), "sealed");
      await perform(store, told(1));
      assert.deepEqual(await store.performDraw(tell), { performed: true });
      await store.close();
    }
    const { difference, acts: verified } = await verifyDraw(DATA_DIR, "1", disk);
    assert.equal(difference, undefined);
    assert.deepEqual(verified, acts);
  });

  it("does not vouch for the text of an act: damage there is refused with file and offset", async () => {
    const { disk } = await build();
    let damaged = 0;
    for (const path of disk.paths.filter((each) => each.endsWith(".seg"))) {
      const segment = Number(path.slice(-12, -4));
      for (const record of recordsIn(disk, segment).filter(({ kind }) => kind === ACT)) {
        const copy = disk.clone();
        const bytes = copy.bytesOf(path);
        const at = record.end - 5;
        bytes[at] = (bytes[at] ?? 0) ^ 1;
        damaged++;
        await assert.rejects(open(copy), (error: unknown) => {
          assert.ok(error instanceof LedgerCorrupt);
          assert.deepEqual([error.flaw.file, error.flaw.at], [path, { offset: record.at }]);
          return true;
        });
      }
    }
    assert.equal(damaged, 6);
  });

  it("does not vouch for an act that is another record of the ledger", async () => {
    const { disk } = await build();
    const bytes = disk.bytesOf(segmentPath(1));
    const [first, second] = recordsIn(disk);
    assert.ok(first?.kind === ACT && second?.kind === BATCH);
    // Another act in its place, of the same length and with a right checksum.
    const other = encodeAct(actOf({ kind: "open" }, "(timetaple)", ""));
    assert.equal(other.length, first.body.length);
    encodeRecord({ ...first, body: other }, bytes, first.at);
    await assert.rejects(open(disk), {
      code: "LEDGER_CORRUPT",
      message: /00000001\.seg at byte 32: expected head of the acts/,
    });
  });
});

/** Does it as often as it takes: the next segment may not be ready. */
async function perform(store: BetStore, act: Act): Promise<void> {
  let verdict: ActVerdict;
  while ((verdict = await store.act(act)).kind === "busy") await new Promise(setImmediate);
  assert.deepEqual(verdict, { kind: "done" });
}

function withoutSummaries(disk: MemoryDisk): MemoryDisk {
  const copy = disk.clone();
  for (const path of copy.paths) if (path.endsWith(".sum")) void copy.remove(path);
  return copy;
}
