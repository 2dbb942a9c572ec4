import * as fc from "fast-check";
import type { Act, Deed } from "../../src/lottery/act.ts";
import type { AgencyId } from "../../src/lottery/bet.ts";

/** A name or a reason of at most so many bytes: all of Unicode, but no control characters. */
function words(bytesMax: number): fc.Arbitrary<string> {
  return fc
    .string({ unit: "grapheme", maxLength: bytesMax, size: "max" })
    .map((text) => text.replaceAll(/\p{Cc}/gu, "").toWellFormed())
    .map((text) => {
      const characters = Array.from(text);
      while (Buffer.byteLength(characters.join("")) > bytesMax) characters.pop();
      return characters.join("");
    });
}

const number = fc.integer({ min: 0, max: 9999 });

export const anyDeed: fc.Arbitrary<Deed> = fc.oneof(
  fc.constantFrom<Deed>({ kind: "open" }, { kind: "close" }, { kind: "cancel" }, { kind: "run" }),
  fc
    .integer({ min: 1, max: 100_000 })
    .map((agency): Deed => ({ kind: "close-out", agency: agency as AgencyId })),
  number.map((told): Deed => ({ kind: "propose-number", number: told })),
  number.map((told): Deed => ({ kind: "tell-number", number: told })),
);

/** Acts that may be recorded. */
export const anyAct: fc.Arbitrary<Act> = fc.record(
  {
    deed: anyDeed,
    atMs: fc.oneof(
      fc.integer({ min: Date.UTC(2020, 0), max: Date.UTC(2100, 0) }),
      fc.integer({ min: -8.64e15, max: 8.64e15 }),
    ),
    by: words(64),
    reason: words(256),
  },
  { noNullPrototype: true },
);
