import assert from "node:assert/strict";
import { describe, it } from "node:test";
import * as fc from "fast-check";
import {
  type Act,
  ACT_BYTES_MAX,
  BY_BYTES_MAX,
  type Deed,
  encodeAct,
  parseAct,
  REASON_BYTES_MAX,
  shownActs,
  wordFlaw,
} from "../../src/lottery/act.ts";
import type { AgencyId } from "../../src/lottery/bet.ts";

const word = (bytesMax: number): fc.Arbitrary<string> =>
  fc.string({ unit: "binary" }).filter((text) => wordFlaw(text, bytesMax) === undefined);
const deeds: fc.Arbitrary<Deed> = fc.oneof(
  fc
    .constantFrom("open" as const, "close" as const, "cancel" as const, "run" as const)
    .map((kind) => ({ kind })),
  fc
    .integer({ min: 1, max: 0xffff_ffff })
    .map((number): Deed => ({ kind: "close-out", agency: number as AgencyId })),
  fc.record(
    {
      kind: fc.constantFrom("propose-number" as const, "tell-number" as const),
      number: fc.integer({ min: 0, max: 9999 }),
    },
    { noNullPrototype: true },
  ),
);
const acts: fc.Arbitrary<Act> = fc.record(
  {
    deed: deeds,
    atMs: fc.integer({ min: 0, max: Date.UTC(9999, 0) }),
    by: word(BY_BYTES_MAX),
    reason: word(REASON_BYTES_MAX),
  },
  { noNullPrototype: true },
);

const actOf = (deed: Deed): Act => ({ deed, atMs: 0, by: "ana", reason: "" });

describe("the text of an act", () => {
  it("is JSON with its keys in a fixed order", () => {
    const act: Act = {
      deed: { kind: "close-out", agency: 4 as AgencyId },
      atMs: Date.UTC(2026, 11, 1, 21),
      by: "ana",
      reason: 'it said "no"',
    };
    assert.equal(
      encodeAct(act).toString(),
      '{"act":"close-out","agency":4,"at":"2026-12-01T21:00:00.000Z","by":"ana","reason":"it said \\"no\\""}',
    );
  });

  it("is read back as the same act", () => {
    fc.assert(fc.property(acts, (act) => assert.deepEqual(parseAct(encodeAct(act)), act)));
  });

  it("is read in no other form: one more byte, one less, or another one", () => {
    const change = fc.record({ act: acts, at: fc.nat(), to: fc.integer({ min: 0, max: 255 }) });
    fc.assert(
      fc.property(change, ({ act, at, to }) => {
        const bytes = encodeAct(act);
        assert.equal(parseAct(bytes.subarray(0, -1)), undefined);
        assert.equal(parseAct(Buffer.concat([bytes, Buffer.from(" ")])), undefined);
        const other = Buffer.from(bytes);
        other[at % bytes.length] = to;
        const parsed = parseAct(other);
        // What is read is exactly what would be written.
        if (parsed !== undefined) assert.deepEqual(encodeAct(parsed), other);
      }),
    );
  });

  it("refuses what no central writes", () => {
    const good = { act: "close", at: "2026-12-01T21:00:00.000Z", by: "ana", reason: "" };
    for (const bad of [
      { ...good, act: "reopen" },
      { ...good, at: "2026-12-01" },
      { ...good, by: 7 },
      { ...good, reason: "a\nb" },
      { ...good, by: "a".repeat(BY_BYTES_MAX + 1) },
      { ...good, more: 1 },
      { act: "close-out", agency: 0, at: good.at, by: "", reason: "" },
      { act: "tell-number", number: 10_000, at: good.at, by: "", reason: "" },
      { act: "tell-number", number: "7", at: good.at, by: "", reason: "" },
    ]) {
      assert.equal(parseAct(Buffer.from(JSON.stringify(bad))), undefined, JSON.stringify(bad));
    }
    for (const text of ["", "null", "[]", "{", "7"]) {
      assert.equal(parseAct(Buffer.from(text)), undefined, text);
    }
  });

  it("shows a proposed number to nobody before the second operator has told it", () => {
    const proposed = actOf({ kind: "propose-number", number: 4321 });
    assert.equal(JSON.stringify(shownActs([proposed])).includes("4321"), false);
    const told = [proposed, actOf({ kind: "tell-number", number: 4321 })];
    assert.deepEqual(
      shownActs(told).map(({ number }) => number),
      [4321, 4321],
    );
  });

  it("fits into its record whatever is in it", () => {
    const longest = encodeAct({
      deed: { kind: "propose-number", number: 9999 },
      atMs: Date.UTC(2026, 11, 1),
      by: '"'.repeat(BY_BYTES_MAX),
      reason: "\\".repeat(REASON_BYTES_MAX),
    });
    assert.ok(longest.length <= ACT_BYTES_MAX, String(longest.length));
  });
});
