import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { verifyDraw } from "../../../src/stores/ledger/verify.ts";
import type { BetStore, TellDraw } from "../../../src/store/bet-store.ts";
import { agency, batchOf, claimOf, scanned, submit, winnersOf } from "../conformance/batches.ts";
import { MemoryDisk, randomFrom } from "../../support/disk-memory.ts";
import { DATA_DIR, DRAW_DIR, openOn } from "./ledger-fixture.ts";

const AGENCIES = 2;
const BATCHES = 22;

/** What agencies and the log were told, in all lives of the central. */
interface Told {
  /** Batches confirmed, by agency. */
  readonly confirmed: Map<number, number>;
  readonly done: Set<number>;
  performed: number;
  /** Lines of the draw: a line says whether it is marked as recovered. */
  readonly lines: boolean[];
}

const tellNothing = (): Told => ({
  confirmed: new Map(),
  done: new Set(),
  performed: 0,
  lines: [],
});

/** Returns a function that logs a draw, and notes it. */
function telling(told: Told): TellDraw {
  return ({ recovered, winners, outcome }) => {
    told.lines.push(recovered);
    const all = [1, 2].reduce((sum, of) => sum + winnersOf(of, BATCHES).length, 0);
    assert.deepEqual([winners, outcome.agencies.length], [all, AGENCIES]);
    return Promise.resolve(true);
  };
}

async function send(store: BetStore, number: number, sequence: number, told: Told): Promise<void> {
  const { kind } = await submit(store, batchOf(number, sequence));
  if (kind === "stored" || kind === "duplicate") told.confirmed.set(number, sequence);
  else assert.ok(kind === "busy" || kind === "gap", kind);
}

/** Sends what is missing of an agency's batches, a window at a time, then says that it is done. */
async function runAgency(
  store: BetStore,
  number: number,
  window: number,
  told: Told,
): Promise<void> {
  let { nextSequence } = await store.standing(agency(number));
  while (nextSequence <= BATCHES) {
    const last = Math.min(nextSequence + window - 1, BATCHES);
    const sent: Promise<void>[] = [];
    for (let sequence = nextSequence; sequence <= last; sequence++) {
      sent.push(send(store, number, sequence, told));
    }
    await Promise.all(sent);
    // After a refusal the background gets its turn first, because it needs more time.
    await new Promise(setImmediate);
    nextSequence = (told.confirmed.get(number) ?? 0) + 1;
  }
  while ((await store.done(agency(number), claimOf(number, BATCHES))).kind !== "done");
  told.done.add(number);
}

/** How agencies send in a life: two lives never have the same bytes at the same place. */
type Habit = "together" | "one by one";

class Deferred {
  reject: (error: Error) => void = assert.fail;
  readonly promise = new Promise<never>((_, reject) => {
    this.reject = reject;
  });

  constructor() {
    this.promise.catch(() => undefined);
  }
}

/** One life of a central, until the draw or until the disk is gone. */
async function live(disk: MemoryDisk, told: Told, habit: Habit): Promise<boolean> {
  const crash = new Deferred();
  try {
    const store = await openOn(disk, {
      segmentBytes: 2048,
      onFailure: (error) => crash.reject(error),
    });
    const work = async (): Promise<void> => {
      if (habit === "together") {
        await Promise.all([1, 2].map((number) => runAgency(store, number, 4, told)));
      } else {
        for (const number of [2, 1]) await runAgency(store, number, 1, told);
      }
      if ((await store.performDraw(telling(told))).performed) told.performed++;
      await store.winners(agency(1));
      assert.ok(told.lines.length > 0, "P5 winners were told before the draw");
      await store.close();
    };
    await Promise.race([work(), crash.promise]);
    return true;
  } catch (error) {
    const { message } = error as Error;
    assert.match(message, /ECRASH/, `not a crash: ${(error as Error).stack ?? message}`);
    return false;
  }
}

/** Checks that everything that was told is still true, and adds what this life says. */
async function checkTold(disk: MemoryDisk, told: Told, place: string): Promise<void> {
  // This life does not end in order either: it is not closed, and its disk is taken away.
  const store = await openOn(disk, { segmentBytes: 2048, onFailure: () => undefined });
  const stored = new Map<number, number>();
  for (const { agency: of, sequence, lines } of await scanned(store)) {
    assert.equal(sequence, (stored.get(of) ?? 0) + 1, `${place}: in order`);
    assert.deepEqual(lines, batchOf(of, sequence).lines, `${place}: bytes as sent`);
    stored.set(of, sequence);
  }
  for (const [of, sequence] of told.confirmed) {
    assert.ok((stored.get(of) ?? 0) >= sequence, `${place}: P1 agency ${of} lost ${sequence}`);
  }
  for (const [of, sequence] of stored) {
    assert.equal((await store.standing(agency(of))).nextSequence, sequence + 1, place);
    told.confirmed.set(of, sequence);
  }
  for (const of of told.done) assert.ok((await store.standing(agency(of))).done, `${place}: DONE`);
  for (const of of [1, 2]) if ((await store.standing(agency(of))).done) told.done.add(of);
  if (told.performed > 0) assert.equal(await store.state(), "drawn", place);
}

async function checkEnd(disk: MemoryDisk, told: Told, place: string): Promise<void> {
  const { difference, state, agencies, tornTail } = await verifyDraw(DATA_DIR, "1", disk);
  assert.equal(difference, undefined, place);
  assert.equal(tornTail, undefined, place);
  assert.equal(state, "drawn", place);
  for (const { agency: of, batches, winners } of agencies) {
    assert.equal(batches, BATCHES, place);
    assert.deepEqual(winners, winnersOf(of, BATCHES), place);
  }
  assert.ok(told.performed <= 1, `${place}: P5 performed ${told.performed} times`);
  const first = told.lines.filter((recovered) => !recovered).length;
  assert.ok(told.lines.length > 0, `${place}: P5 no line of the draw in any life`);
  assert.ok(first <= 1, `${place}: P5 ${first} lines that are not marked as recovered`);
  assert.deepEqual(
    disk.paths.filter((path) => path.endsWith(".tmp")),
    [],
    place,
  );
  assert.ok(disk.paths.includes(`${DRAW_DIR}/bets.csv`), place);
}

async function stepsOfAWholeDraw(): Promise<number> {
  const disk = new MemoryDisk();
  let steps = 0;
  disk.onStep = () => {
    steps++;
    return undefined;
  };
  const told = tellNothing();
  assert.ok(await live(disk, told, "together"));
  assert.equal(told.performed, 1);
  assert.deepEqual(told.lines, [false], "P5 once where there was no crash");
  await checkEnd(disk, told, "no crash");
  assert.equal(told.confirmed.size, AGENCIES);
  return steps;
}

describe("P1 P5 P10 a crash at every step of a draw", () => {
  const seed = Math.floor(Math.random() * 2 ** 32);

  for (const how of ["the power fails", "the process is killed"] as const) {
    it(`loses nothing that was told, with agencies that send ${how} (seed ${seed})`, async () => {
      const steps = await stepsOfAWholeDraw();
      for (let crashAt = 0; crashAt < steps; crashAt++) {
        const place = `seed ${seed}, ${how} at step ${crashAt}`;
        let disk = new MemoryDisk(randomFrom(seed + crashAt));
        let step = 0;
        disk.onStep = () => (step++ === crashAt ? { kind: "crash" } : undefined);
        const told = tellNothing();
        await live(disk, told, "together");
        disk = how === "the power fails" ? disk.powerCut() : disk.kill();
        // Twice, because what a life reads and tells must not depend on the page cache.
        for (let life = 0; life < 2; life++) {
          await checkTold(disk, told, place);
          disk = disk.powerCut();
        }
        assert.ok(await live(disk, told, "one by one"), place);
        await checkEnd(disk, told, place);
      }
    });
  }
});
