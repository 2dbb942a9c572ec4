import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { Act } from "../../../src/lottery/act.ts";
import type { DrawState } from "../../../src/lottery/draw-book.ts";
import type { BetStore } from "../../../src/store/bet-store.ts";
import type { LedgerOptions } from "../../../src/stores/ledger/ledger.ts";
import { verifyDraw } from "../../../src/stores/ledger/verify.ts";
import { MemoryDisk, randomFrom } from "../../support/disk-memory.ts";
import { seed, seedNote } from "../../support/seed.ts";
import {
  actOf,
  agency,
  batchOf,
  close,
  submit,
  WINNING_NUMBER,
  winnersOf,
} from "../conformance/batches.ts";
import { DATA_DIR, openOn } from "./ledger-fixture.ts";

const BATCHES = 8;

/** What a life does, in this order; what an earlier life did is done already. */
type Step = Act | { readonly send: number } | "draw";

const DRAWN: readonly Step[] = [
  actOf({ kind: "open" }, "(timetable)", ""),
  { send: 1 },
  { send: 2 },
  actOf({ kind: "close-out", agency: agency(2) }, "ana", "the line is down"),
  close,
  actOf({ kind: "propose-number", number: 1 }, "ana", "typed wrongly"),
  actOf({ kind: "propose-number", number: WINNING_NUMBER }, "ana"),
  actOf({ kind: "tell-number", number: WINNING_NUMBER }, "eva"),
  actOf({ kind: "run" }, "ana"),
  "draw",
];

const CANCELLED: readonly Step[] = [
  { send: 1 },
  actOf({ kind: "close-out", agency: agency(2) }, "ana"),
  actOf({ kind: "cancel" }, "eva", "the press is broken"),
];

const isAct = (step: Step): step is Act => typeof step === "object" && "deed" in step;

const PLAN = { winningNumber: undefined, secondOperator: true, byOperator: true } as const;

/** What operators and the log were told, in all lives. */
interface Told {
  acts: number;
  draws: number;
  readonly lines: boolean[];
}

function open(disk: MemoryDisk, options: Partial<LedgerOptions> = {}): Promise<BetStore> {
  return openOn(disk, { ...PLAN, segmentBytes: 2048, ...options });
}

/** One life of a central, until the end of the story or until the disk is gone. */
async function live(disk: MemoryDisk, story: readonly Step[], told: Told): Promise<boolean> {
  let crash: (error: Error) => void = assert.fail;
  const crashed = new Promise<never>((_, reject) => {
    crash = reject;
  });
  crashed.catch(() => undefined);
  try {
    const store = await open(disk, { onFailure: (error) => crash(error) });
    await Promise.race([tellStory(store, story, told), crashed]);
    return true;
  } catch (error) {
    const { message, stack } = error as Error;
    assert.match(message, /ECRASH/, `not a crash: ${stack ?? message}`);
    return false;
  }
}

async function tellStory(store: BetStore, story: readonly Step[], told: Told): Promise<void> {
  const acts = story.filter(isAct);
  const before = (await store.acts()).length;
  for (const step of story) {
    if (isAct(step)) {
      const number = acts.indexOf(step) + 1;
      // An earlier life did it, although nobody was told.
      if (number > before) await perform(store, step);
      told.acts = Math.max(told.acts, number);
    } else if (step === "draw") {
      const { performed } = await store.performDraw(({ recovered, winners }) => {
        told.lines.push(recovered);
        assert.equal(winners, winnersOf(1, BATCHES).length + winnersOf(2, BATCHES).length);
        return Promise.resolve(true);
      });
      if (performed) told.draws++;
      await store.winners(agency(1));
    } else {
      await send(store, step.send);
    }
  }
  await store.close();
}

async function perform(store: BetStore, act: Act): Promise<void> {
  for (;;) {
    const { kind } = await store.act(act);
    if (kind === "done") return;
    assert.equal(kind, "busy", `${act.deed.kind} is ${kind}`);
    await new Promise(setImmediate);
  }
}

async function send(store: BetStore, of: number): Promise<void> {
  let { nextSequence } = await store.standing(agency(of));
  while (nextSequence <= BATCHES) {
    const { kind } = await submit(store, batchOf(of, nextSequence));
    if (kind === "stored") nextSequence++;
    else assert.equal(kind, "busy", `batch ${nextSequence} of agency ${of} is ${kind}`);
    await new Promise(setImmediate);
  }
}

/** Checks that everything that was told is still true, and adds what this life says. */
async function checkTold(
  disk: MemoryDisk,
  story: readonly Step[],
  told: Told,
  place: string,
): Promise<void> {
  // This life does not end in order either: it is not closed, and its disk is taken away.
  const store = await open(disk, { onFailure: () => undefined });
  const found = await store.acts();
  assert.deepEqual(found, story.filter(isAct).slice(0, found.length), `${place}: in order`);
  assert.ok(found.length >= told.acts, `${place}: P1 lost act ${told.acts}`);
  told.acts = found.length;
  const kinds = new Set(found.map(({ deed }) => deed.kind));
  const state = await store.state();
  if (kinds.has("cancel")) assert.equal(state, "cancelled", place);
  else if (told.draws > 0) assert.equal(state, "drawn", place);
  else if (kinds.has("close")) assert.ok(state !== "open" && state !== "cancelled", place);
  else assert.equal(state, "open", place);
  const { closedOut } = await store.standing(agency(2));
  assert.equal(closedOut, kinds.has("close-out") ? true : undefined, place);
}

async function checkEnd(
  disk: MemoryDisk,
  story: readonly Step[],
  told: Told,
  end: DrawState,
  place: string,
): Promise<void> {
  const { difference, state, acts, agencies, tornTail } = await verifyDraw(DATA_DIR, "1", disk);
  assert.deepEqual([difference, tornTail, state], [undefined, undefined, end], place);
  assert.deepEqual(acts, story.filter(isAct), place);
  if (end === "cancelled") {
    assert.equal(told.lines.length, 0, place);
    const used = disk.paths.filter((path) => path.endsWith(".seg") && hasRecords(disk, path));
    assert.deepEqual(
      disk.paths.filter((path) => path.endsWith(".seg")),
      used,
      `${place}: empty segments are gone`,
    );
    return;
  }
  for (const { agency: of, winners } of agencies) {
    assert.deepEqual(winners, winnersOf(of, BATCHES), place);
  }
  assert.ok(told.draws <= 1, `${place}: P5 performed ${told.draws} times`);
  const first = told.lines.filter((recovered) => !recovered).length;
  assert.ok(told.lines.length > 0 && first <= 1, `${place}: P5 lines ${told.lines.join()}`);
}

function hasRecords(disk: MemoryDisk, path: string): boolean {
  return disk.bytesOf(path).readUInt32BE(32) > 0;
}

describe(`P1 P5 P10 a crash at every step of the disk while acts are written (${seedNote})`, () => {
  const stories: readonly [what: string, story: readonly Step[], end: DrawState][] = [
    ["that two operators bring to its end", DRAWN, "drawn"],
    ["that is cancelled", CANCELLED, "cancelled"],
  ];
  for (const [what, story, end] of stories) {
    for (const how of ["the power fails", "the process is killed"] as const) {
      it(`loses no act that was told, in a draw ${what}, when ${how}`, async () => {
        const whole = new MemoryDisk();
        let steps = 0;
        whole.onStep = () => {
          steps++;
          return undefined;
        };
        const once: Told = { acts: 0, draws: 0, lines: [] };
        assert.ok(await live(whole, story, once));
        await checkEnd(whole, story, once, end, "no crash");
        for (let crashAt = 0; crashAt < steps; crashAt++) {
          const place = `${how} at step ${crashAt}`;
          let disk = new MemoryDisk(randomFrom(seed + crashAt));
          let step = 0;
          disk.onStep = () => (step++ === crashAt ? { kind: "crash" } : undefined);
          const told: Told = { acts: 0, draws: 0, lines: [] };
          await live(disk, story, told);
          disk = how === "the power fails" ? disk.powerCut() : disk.kill();
          // Twice, because what a life reads and tells must not depend on the page cache.
          for (let life = 0; life < 2; life++) {
            await checkTold(disk, story, told, place);
            disk = disk.powerCut();
          }
          assert.ok(await live(disk, story, told), place);
          await checkEnd(disk, story, told, end, place);
        }
      });
    }
  }
});
