import { after, before, describe, it } from "node:test";
import { createRandom } from "../../src/generate/random.ts";
import { seed, seedNote } from "../support/seed.ts";
import {
  layTornFiles,
  RESTS,
  tearAt,
  TORN_SUBJECTS,
  tornBytes,
  type TornFiles,
} from "./torn-tails.ts";

/** @param step every so many bytes of the last records */
export function playTornTails(step: number): void {
  for (const [index, subject] of TORN_SUBJECTS.entries()) {
    describe(`P1 P10: real files torn in their last flush: ${subject} (${seedNote})`, () => {
      let files: TornFiles;
      before(async () => {
        files = await layTornFiles(subject);
      });
      after(() => files.remove());
      for (const rest of RESTS) {
        it(`at every byte, from there ${rest}`, async (t) => {
          const random = createRandom(seed, index);
          const bytes = tornBytes(files).filter((_, at) => (at + random.below(step)) % step === 0);
          for (const at of bytes) await tearAt(files, at, rest, random);
          t.diagnostic(`${bytes.length} files`);
        });
      }
    });
  }
}
