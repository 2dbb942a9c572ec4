import assert from "node:assert/strict";
import { after, describe, it } from "node:test";
import { createRandom } from "../../src/generate/random.ts";
import { VERSIONS } from "../blackbox/dialects/cast.ts";
import { playStorm, type Victim } from "../fire/kill-storm.ts";
import { END_BLOWS, stormBlows } from "../fire/storm-blows.ts";
import { count, type Tally, tell } from "../fire/tally.ts";
import { seed, seedNote } from "../support/seed.ts";

/** With the blows at the end: 200 of the central, 50 of agencies, 20 of both at once. */
const DRAWS = 10;
const LOAD = { central: 12, agency: 4, both: 1 } as const;
const KILLS: Readonly<Record<Victim, number>> = { central: 200, agency: 50, both: 20 };

const total: Tally = new Map();

const countOf = (start: string): number =>
  [...total].reduce((sum, [name, times]) => (name.startsWith(start) ? sum + times : sum), 0);

describe(`P1 P2 P4 P5 P6 P10: a storm of kills (${seedNote})`, { concurrency: 2 }, () => {
  for (let draw = 1; draw <= DRAWS; draw++) {
    it(`breaks no promise in draw ${draw}: ${dialectsOf(draw).join(", ")}`, async (t) => {
      const random = createRandom(seed, draw);
      const toll = await playStorm({
        dialects: dialectsOf(draw),
        betsEach: 400,
        rawBets: 2000,
        blows: stormBlows(random, { load: LOAD, end: END_BLOWS }),
        random,
      });
      for (const [name, times] of toll) count(total, name, times);
      t.diagnostic(tell(toll));
    });
  }

  after(() => {
    console.log(`kills by what the files say of the draw: ${tell(total)}`);
  });
});

it("the storm of kills hits central and agencies in every part of a draw", () => {
  // An agency that has its winners cannot be killed any more: of the planned kills a few may be missing.
  for (const [victim, kills] of Object.entries(KILLS)) {
    const found = countOf(`${victim}: `);
    assert.ok(found >= 0.95 * kills, `${found} kills of ${victim}`);
  }
  // Another test meets the rarer phases one by one: ./kill-at-call.test.ts.
  for (const phase of ["load", "some done", "told", "writing bets.csv"]) {
    const hits = [...total].filter(
      ([name]) => name.startsWith("central: ") && name.includes(phase),
    );
    assert.ok(hits.length > 0, `no kill of the central found the draw so: ${phase}`);
  }
});

/** Five dialects of all versions, and other ones in each draw. */
function dialectsOf(draw: number): string[] {
  return Array.from(
    { length: 5 },
    (_, index) => VERSIONS[(draw * 3 + index) % VERSIONS.length] ?? "",
  );
}
