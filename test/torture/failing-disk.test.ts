import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { createRandom } from "../../src/generate/random.ts";
import { FAILURES } from "../fire/disk-failures.ts";
import { playFailure } from "../fire/failing-disk.ts";
import { whyNoInjection } from "../fire/strace.ts";
import { seed, seedNote } from "../support/seed.ts";

/** Flushes, each of which fails in a draw of its own; a draw has at least so many. */
const FLUSHES = 10;
const FLUSH_MAX = 100;
const FLUSH = "the write of a flush (pwrite64 on O_DSYNC)";

describe(`P1 P8: after a call that failed nothing is confirmed, and the central ends (${seedNote})`, {
  skip: whyNoInjection() ?? false,
  concurrency: 2,
}, () => {
  for (const [what, failure] of Object.entries(FAILURES)) {
    it(what, async () => {
      await playFailure(failure);
    });
  }
  const random = createRandom(seed);
  const { [FLUSH]: flush } = FAILURES;
  assert.ok(flush !== undefined);
  for (let round = 0; round < FLUSHES; round++) {
    const when = 1 + random.below(FLUSH_MAX);
    it(`flush ${when}`, async () => {
      await playFailure({ ...flush, when });
    });
  }
});
