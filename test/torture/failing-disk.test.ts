import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { createRandom } from "../../src/generate/random.ts";
import { FAILURES } from "../fire/disk-failures.ts";
import { playFailure } from "../fire/failing-disk.ts";
import { whyNoInjection } from "../fire/strace.ts";
import { seed, seedNote } from "../support/seed.ts";

/**
 * The number of flushes that fail, each in another draw, and the flushes that a draw has at least.
 */
const FLUSHES = 10;
const FLUSH_MAX = 100;
const FLUSH = "the write of a flush (pwrite64 on O_DSYNC)";

describe(`P1 P8: a central confirms nothing more and ends (${seedNote})`, {
  skip: whyNoInjection() ?? false,
  concurrency: 2,
}, () => {
  for (const [what, failure] of Object.entries(FAILURES)) {
    it(`after a failure of ${what}`, async () => {
      await playFailure(failure);
    });
  }
  const random = createRandom(seed);
  const { [FLUSH]: flush } = FAILURES;
  assert.ok(flush !== undefined);
  for (let round = 0; round < FLUSHES; round++) {
    const when = 1 + random.below(FLUSH_MAX);
    it(`after a failure of flush ${when}`, async () => {
      await playFailure({ ...flush, when });
    });
  }
});
