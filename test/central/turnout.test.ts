import assert from "node:assert/strict";
import { it } from "node:test";
import { Turnout } from "../../src/central/turnout.ts";
import type { AgencyId } from "../../src/lottery/bet.ts";
import { Roster } from "../../src/lottery/roster.ts";
import { bet } from "./line-peer.ts";
import { memoryStore } from "../stores/memory-store.ts";
import { encodeLines } from "../../src/lottery/canonical-line.ts";

const id = (agency: number): AgencyId => agency as AgencyId;

it("the turnout says how many agencies are done, and names those for which the draw waits", () => {
  const turnout = new Turnout(new Roster(5));
  for (const agency of [2, 3, 4]) assert.equal(turnout.record(id(agency)), true);
  assert.equal(turnout.done, 3);
  assert.deepEqual(turnout.missing, { first: [1, 5], more: 0 });
  assert.equal(turnout.record(id(4)), false);
  turnout.record(id(1));
  turnout.record(id(5));
  assert.equal(turnout.done, 5);
  assert.deepEqual(turnout.missing, { first: [], more: 0 });
});

it("the turnout names ten agencies at most", () => {
  const turnout = new Turnout(new Roster(100));
  turnout.record(id(1));
  assert.deepEqual(turnout.missing, { first: [2, 3, 4, 5, 6, 7, 8, 9, 10, 11], more: 89 });
});

it("the turnout takes its numbers from the store at the start, and sums them up", async () => {
  const store = memoryStore({ agencies: 3 });
  const lines = encodeLines([bet(1, "100"), bet(1, "200")]);
  await new Promise((resolve) =>
    store.submit({ agency: id(1), sequence: 1, count: 2, lines }, resolve),
  );
  await store.done(id(2));
  const turnout = new Turnout(new Roster(3));
  assert.deepEqual(await turnout.recall(store), {
    state: "open",
    agencies: 3,
    withBets: 1,
    bets: 2,
    done: 1,
    missing: { first: [1, 3], more: 0 },
  });
  assert.equal(turnout.done, 1);
});
