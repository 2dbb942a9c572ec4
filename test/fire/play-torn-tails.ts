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

/** @param step the distance of the cuts in the last records, in bytes */
export function playTornTails(step: number): void {
  for (const [index, subject] of TORN_SUBJECTS.entries()) {
    describe(`P1 P10: real files whose last flush is torn: ${subject} (${seedNote})`, () => {
      let files: TornFiles;
      before(async () => {
        files = await layTornFiles(subject);
      });
      after(() => files.remove());
      for (const rest of RESTS) {
        it(`keep what was confirmed when torn at every byte and followed by ${rest}`, async (t) => {
          const random = createRandom(seed, index);
          const bytes = tornBytes(files).filter((_, at) => (at + random.below(step)) % step === 0);
          for (const at of bytes) await tearAt(files, at, rest, random);
          t.diagnostic(`${bytes.length} files`);
        });
      }
    });
  }
}
