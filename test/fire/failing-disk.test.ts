import assert from "node:assert/strict";
import { it } from "node:test";
import { FAILURES } from "./disk-failures.ts";
import { playFailure } from "./failing-disk.ts";
import { whyNoInjection } from "./strace.ts";

// `make torture` runs all of them: test/torture/failing-disk.test.ts.
const PLAYED = "the write of a flush (pwrite64 on O_DSYNC)";

const title = `P1 P8: when ${PLAYED} has failed, the central confirms nothing more and ends`;
it(title, { skip: whyNoInjection() ?? false }, async () => {
  const { [PLAYED]: failure } = FAILURES;
  assert.ok(failure !== undefined);
  await playFailure(failure);
});
