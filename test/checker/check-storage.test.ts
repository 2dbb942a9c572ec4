import assert from "node:assert/strict";
import { it } from "node:test";
import * as fc from "fast-check";
import { seed, seedNote } from "../support/seed.ts";
import { latin1, splitLines } from "./canonical-lines.ts";
import { checkStorage } from "./check-storage.ts";
import type { BatchEvidence } from "./evidence.ts";
import type { Violation } from "./violation.ts";

/** Few different batches, so that equal ones are common. */
const lines = fc.constantFrom("a\r\n", "b\r\n", "c\r\nd\r\n").map((text) => Buffer.from(text));
const answer = fc.constantFrom<BatchEvidence["answer"][]>("acknowledged", "refused", "none");
const sentBatches = fc.array(fc.record({ lines, answer }), { maxLength: 7 });

/** Tries every way to leave out batches that may be left out. */
function isSound(stored: readonly Buffer[], sent: readonly BatchEvidence[]): boolean {
  const [next, ...others] = sent;
  if (next === undefined) return stored.length === 0;
  const taken =
    next.answer !== "refused" &&
    stored[0]?.equals(next.lines) === true &&
    isSound(stored.slice(1), others);
  return taken || (next.answer !== "acknowledged" && isSound(stored, others));
}

function violationsOf(stored: readonly Buffer[], batches: readonly BatchEvidence[]): Violation[] {
  const violations: Violation[] = [];
  const account = {
    batches: stored.map((bytes, index) => ({
      sequence: index + 1,
      text: latin1(bytes),
      lines: splitLines(bytes),
    })),
    bets: 0,
    head: "",
    done: false,
    closedOut: false,
  };
  const client = {
    agency: 1,
    batches,
    done: false,
    winners: undefined,
    received: [],
    markers: [],
    mayRepeat: false,
  };
  checkStorage(client, account, (rule, text) => violations.push({ rule, text }));
  return violations;
}

it(`the check of stored batches decides like one that tries all possibilities (${seedNote})`, () => {
  let sound = 0;
  fc.assert(
    fc.property(sentBatches, fc.array(lines, { maxLength: 7 }), (sent, stored) => {
      const expected = isSound(stored, sent);
      if (expected) sound++;
      assert.equal(violationsOf(stored, sent).length === 0, expected);
    }),
    { numRuns: 3000, seed },
  );
  assert.ok(sound > 50, `only ${sound} were sound`);
});

it(`the check of stored batches accepts every sound part of what was sent (${seedNote})`, () => {
  const parts = fc.array(fc.tuple(fc.record({ lines, answer }), fc.boolean()), { maxLength: 12 });
  fc.assert(
    fc.property(parts, (batches) => {
      const stored = batches
        .filter(([{ answer }, kept]) => answer === "acknowledged" || (answer === "none" && kept))
        .map(([batch]) => batch.lines);
      const sent = batches.map(([batch]) => batch);
      assert.deepEqual(violationsOf(stored, sent), []);
    }),
    { numRuns: 1000, seed },
  );
});
