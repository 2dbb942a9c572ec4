import { describe, it } from "node:test";
import { createRandom } from "../../src/generate/random.ts";
import { seed, seedNote } from "../support/seed.ts";
import { buildFlipSubject, SUBJECTS } from "./flip-subject.ts";
import { chooseFlip, tryFlip } from "./flips.ts";
import { count, type Tally, tell } from "./tally.ts";

/** @param options.flips the number of flips in each of the four kinds of ledger */
export function playFlips({ batches, flips }: { batches: number; flips: number }): void {
  describe(`P7 P8: ${flips} flipped bits in ${batches} batches (${seedNote})`, () => {
    for (const [index, name] of SUBJECTS.entries()) {
      it(`are reported, or cut if a crash would explain them, in a draw that is ${name}`, async (t) => {
        const random = createRandom(seed, index);
        const subject = await buildFlipSubject(name, batches, random);
        const fates: Tally = new Map();
        for (let flip = 0; flip < flips; flip++) {
          count(fates, await tryFlip(subject, chooseFlip(subject, random)));
        }
        t.diagnostic(`${name}: ${tell(fates)}`);
      });
    }
  });
}
