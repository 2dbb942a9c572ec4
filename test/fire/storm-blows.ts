import type { Random } from "../../src/generate/random.ts";
import type { Blow, Victim } from "./kill-storm.ts";
import type { Moment, When } from "./moments.ts";

/**
 * How many blows of each kind come while bets arrive, and which ones come at the end of the draw.
 */
export interface BlowCounts {
  readonly load: Readonly<Record<Victim, number>>;
  readonly end: readonly Blow[];
}

/** The most batches, and bytes, between two blows while bets arrive. */
const BATCHES_BETWEEN = 50;
const BYTES_BETWEEN = 40_000;
/** Node itself takes most of this to start; then the ledger is read. */
const START_MS = 350;

/** The blows of one draw, in order. */
export function stormBlows(random: Random, { load, end }: BlowCounts): Blow[] {
  const blows: Blow[] = [];
  const left = new Map<Victim, number>(Object.entries(load) as [Victim, number][]);
  for (;;) {
    const victims = [...left].flatMap(([victim, count]) => (count > 0 ? [victim] : []));
    const victim = victims[random.below(victims.length)];
    if (victim === undefined) break;
    left.set(victim, (left.get(victim) ?? 0) - 1);
    blows.push({ victim, moment: loadMoment(random) });
  }
  return [...blows, ...end];
}

function loadMoment(random: Random): Moment {
  switch (random.below(5)) {
    case 0:
      return { when: { kind: "now" }, withinMs: START_MS };
    case 1:
      // The starting central takes the lock, so this kill comes while it reads the ledger.
      return { when: { kind: "file", name: "ledger.lock" }, withinMs: 20 };
    case 2:
      return { when: { kind: "bytes", bytes: 1 + random.below(BYTES_BETWEEN) }, withinMs: 0 };
    default:
      return { when: { kind: "stored", batches: 1 + random.below(BATCHES_BETWEEN) }, withinMs: 3 };
  }
}

const hit = (victim: Victim, when: When, withinMs: number): Blow => ({
  victim,
  moment: { when, withinMs },
});
const onFile = (name: string): When => ({ kind: "file", name });

/**
 * Blows that follow a draw from the last DONE to the last winner. The work from the seal to the
 * draw takes a few milliseconds, and the next central does it again if it was not finished. So each
 * file that is made on the way is a separate moment.
 */
export const END_BLOWS: readonly Blow[] = [
  hit("agency", { kind: "last-done" }, 2),
  hit("both", { kind: "last-done" }, 4),
  hit("central", { kind: "last-done" }, 4),
  hit("central", onFile("bets.csv.tmp"), 0),
  hit("central", onFile("bets.csv.tmp"), 2),
  hit("central", onFile("bets.csv"), 1),
  hit("central", onFile("seal.json.tmp"), 1),
  hit("central", onFile("seal.json"), 0),
  hit("central", { kind: "drawn" }, 1),
  hit("central", { kind: "told", agencies: 1 }, 3),
];
