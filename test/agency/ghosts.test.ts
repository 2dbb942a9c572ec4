import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { GHOST_FENCES_MAX, GHOST_LIFE_MS, Ghosts } from "../../src/agency/ghosts.ts";
import { LinkError } from "../../src/protocols/agency-link.ts";

const fenced = new LinkError("FENCED", "another session has taken over");
const left = new LinkError("CONNECTION_LOST", "no answer came", { greetingLeft: true });
const lost = new LinkError("CONNECTION_LOST", "the connection broke");

/**
 * Whether one failure after the other is explained; a number is time that passes before the next
 * one.
 */
function explained(...failures: readonly (LinkError | number)[]): boolean[] {
  let nowMs = 1000;
  const ghosts = new Ghosts(() => nowMs);
  const told: boolean[] = [];
  for (const failure of failures) {
    if (typeof failure === "number") nowMs += failure;
    else told.push(ghosts.explain(failure));
  }
  return told;
}

describe("a FENCED answer", () => {
  it("comes from another process if no greeting was left behind", () => {
    assert.deepEqual(explained(fenced), [false]);
    assert.deepEqual(explained(lost, fenced), [false, false]);
  });

  it("may come from a greeting that was left behind, once for each greeting", () => {
    assert.deepEqual(explained(left, fenced, fenced), [false, true, false]);
    assert.deepEqual(explained(left, left, fenced, lost, fenced, fenced).slice(2), [
      true,
      false,
      true,
      false,
    ]);
  });

  it("does not come from a greeting that is too old to be still on its way", () => {
    assert.deepEqual(explained(left, GHOST_LIFE_MS, fenced), [false, true]);
    assert.deepEqual(explained(left, GHOST_LIFE_MS + 1, fenced), [false, false]);
    assert.deepEqual(explained(left, GHOST_LIFE_MS, left, 1, fenced, fenced).slice(2), [
      true,
      false,
    ]);
  });

  it("is final after the largest number of them, however many greetings are left behind", () => {
    const pairs = Array.from({ length: GHOST_FENCES_MAX + 5 }, () => [left, left, fenced]).flat();
    const times = explained(...pairs).filter(Boolean).length;
    assert.equal(times, GHOST_FENCES_MAX);
  });
});
