import assert from "node:assert/strict";
import { it } from "node:test";
import { createRandom, type Random } from "../../src/generate/random.ts";
import { openLedger } from "../../src/stores/ledger/ledger.ts";
import type { BetStore } from "../../src/store/bet-store.ts";
import { drawPerformed } from "../../src/log/mandated-lines.ts";
import { agency, batchOf, submit, WINNING_NUMBER } from "../stores/conformance/batches.ts";
import { FakeClock } from "../support/fake-clock.ts";
import { MemoryDisk, noLock, randomFrom } from "../support/disk-memory.ts";
import { documentsOf } from "../support/documents.ts";
import { seed, seedNote } from "../support/seed.ts";
import { assertSound } from "./check-evidence.ts";
import type { BatchEvidence, Evidence } from "./evidence.ts";
import { centralLine, filesOn } from "./sound-draw.ts";

const RUNS = 40;
const AGENCIES = 3;
const BATCHES = 12;

/**
 * Some batches are larger than a sector, so that a power cut may keep one part and lose another.
 */
const betsIn = (sequence: number): number => 1 + (sequence % 4) * 5;

/** What the agencies know, over all lives of their central. */
class Witness {
  readonly answers = new Map<string, BatchEvidence["answer"]>();
  readonly sent = [0, 0, 0];
  readonly done = [false, false, false];
  winners: (readonly string[] | undefined)[] = [];
  readonly log: string[] = [];
  drawMayBeToldAgain = false;

  evidence(disk: MemoryDisk, over: boolean): Evidence {
    return {
      draw: "1",
      winningNumber: WINNING_NUMBER,
      agencies: AGENCIES,
      clients: this.sent.map((sent, index) => ({
        agency: index + 1,
        batches: Array.from({ length: sent }, (_, at) => ({
          lines: batchOf(index + 1, at + 1, betsIn(at + 1)).lines,
          answer: this.answers.get(`${index + 1}/${at + 1}`) ?? "none",
        })),
        done: this.done[index] ?? false,
        winners: this.winners[index],
        received: [],
        markers: [],
        mayRepeat: false,
      })),
      files: filesOn(disk),
      centralLog: this.log,
      agencyLog: [],
      drawMayBeToldAgain: this.drawMayBeToldAgain,
      over,
    };
  }
}

/**
 * One life of the central; every agency continues where it stopped. @throws when the power fails
 */
async function live(store: BetStore, witness: Witness): Promise<void> {
  for (let round = 1; round <= BATCHES; round++) {
    const rounds = Array.from({ length: AGENCIES }, async (_, index) => {
      const of = index + 1;
      const { nextSequence: sequence, done } = await store.standing(agency(of));
      if (sequence > BATCHES || done) return;
      const batch = batchOf(of, sequence, betsIn(sequence));
      witness.sent[index] = Math.max(witness.sent[index] ?? 0, sequence);
      let kind: string;
      while ((kind = (await submit(store, batch)).kind) === "busy") {
        await new Promise(setImmediate);
      }
      assert.equal(kind, "stored");
      witness.answers.set(`${of}/${sequence}`, "acknowledged");
    });
    await Promise.all(rounds);
  }
  for (let index = 0; index < AGENCIES; index++) {
    await store.done(agency(index + 1));
    witness.done[index] = true;
  }
  await store.performDraw(({ recovered }) => {
    witness.log.push(centralLine(drawPerformed(recovered)));
    return Promise.resolve(true);
  });
  for (let index = 0; index < AGENCIES; index++) {
    witness.winners[index] = await documentsOf(await store.winners(agency(index + 1)));
  }
}

/** Cuts the power at a random step, again and again; the last life comes to its end. */
async function play(random: Random, cuts: number): Promise<{ lives: number; torn: number }> {
  let disk = new MemoryDisk(randomFrom(random.below(2 ** 31)));
  const witness = new Witness();
  let torn = 0;
  for (let lives = 1; ; lives++) {
    let left = lives > cuts ? Number.POSITIVE_INFINITY : 1 + random.below(90);
    const current = disk;
    const failed = new Promise<never>((_, reject) => {
      current.onStep = () => {
        if (--left > 0) return undefined;
        setImmediate(() => reject(new Error("the power failed")));
        return { kind: "crash" };
      };
    });
    const open = () =>
      openLedger({
        dir: "/data",
        draw: "1",
        winningNumber: WINNING_NUMBER,
        agencies: AGENCIES,
        segmentBytes: 4096,
        disk: current,
        lock: noLock,
        // Time stands still, so closing waits as long as needed.
        clock: new FakeClock(),
        onFailure: () => undefined,
        onTornTail: () => torn++,
      });
    const living = (async () => {
      const store = await open();
      await live(store, witness);
      await store.close();
      // A close does not wait long for the files of a draw; a start does.
      await (await open()).close();
    })();
    try {
      await Promise.race([living, failed]);
      assertSound(witness.evidence(disk, true));
      return { lives, torn };
    } catch (error) {
      if (error instanceof assert.AssertionError) throw error;
      living.catch(() => undefined);
      disk = current.powerCut();
      // The draw's record may be there, although the process ended before the log line or before
      // its record.
      witness.drawMayBeToldAgain = true;
      assertSound(witness.evidence(disk, false));
    }
  }
}

it(`the checker finds nothing in what the real ledger leaves after power cuts (${seedNote})`, async (t) => {
  const random = createRandom(seed, 3);
  let lives = 0;
  let torn = 0;
  for (let run = 0; run < RUNS; run++) {
    const played = await play(random, random.below(6));
    lives += played.lives;
    torn += played.torn;
  }
  t.diagnostic(`${RUNS} draws in ${lives} lives, ${torn} torn tails`);
  assert.ok(lives > RUNS);
});
