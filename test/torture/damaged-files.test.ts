import { after, before, describe, it } from "node:test";
import { createRandom } from "../../src/generate/random.ts";
import { seed, seedNote } from "../support/seed.ts";
import {
  type DrawFiles,
  flipBehindSummary,
  flipInBets,
  flipInLastFlush,
  flipInTheMiddle,
  layDrawFiles,
} from "../fire/damaged-files.ts";

const BATCHES = 1000;
/** For each place. */
const ROUNDS = 10;

const PLACES = {
  "in the middle is refused with file and offset": flipInTheMiddle,
  "in a record that a summary covers is found by verify": flipBehindSummary,
  "in the last flush is cut with this flush": flipInLastFlush,
  "in bets.csv is found by verify": flipInBets,
} as const;

describe(`P7 P8: a flipped bit in real files of ${BATCHES} batches (${seedNote})`, () => {
  let files: DrawFiles;
  before(async () => {
    files = await layDrawFiles(BATCHES);
  });
  after(() => files.remove());
  for (const [index, [where, flip]] of Object.entries(PLACES).entries()) {
    it(where, async () => {
      const random = createRandom(seed, index);
      for (let round = 0; round < ROUNDS; round++) await flip(files, random);
    });
  }
});
