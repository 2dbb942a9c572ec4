import { it } from "node:test";
import { createRandom } from "../../src/generate/random.ts";
import { SPOKEN } from "../blackbox/dialects/cast.ts";
import { seed, seedNote } from "../support/seed.ts";
import { playStorm } from "./kill-storm.ts";
import { END_BLOWS, stormBlows } from "./storm-blows.ts";
import { tell } from "./tally.ts";

// `make torture` runs many more: test/torture/kill-storm.test.ts.
it(`P1 P2 P4 P5 P6 P10: a draw survives kills of its programs in every phase (${seedNote})`, async (t) => {
  const random = createRandom(seed);
  const load = { central: 1, agency: 1, both: 0 };
  const toll = await playStorm({
    dialects: SPOKEN.slice(1),
    betsEach: 60,
    rawBets: 300,
    blows: stormBlows(random, {
      load,
      end: END_BLOWS.filter((_, index) => index === 2 || index === 3),
    }),
    random,
  });
  t.diagnostic(tell(toll));
});
