import * as fc from "fast-check";
import type { Bet } from "../../src/lottery/bet.ts";

/** Documents of winners, as many as fit into any answer. */
export const anyDocuments: fc.Arbitrary<string[]> = fc.array(fc.stringMatching(/^\d{1,10}$/), {
  maxLength: 30,
});

/** Sizes of pieces, again and again. */
export const anySizes: fc.Arbitrary<number[]> = fc.array(fc.integer({ min: 1, max: 40 }), {
  minLength: 1,
  maxLength: 8,
});

/** Places to cut at, of bytes of any length. */
export const anyPlaces: fc.Arbitrary<number[]> = fc.array(fc.nat(), { maxLength: 30 });

/** Text made of these, one after the other. */
export function text(...units: readonly string[]): fc.Arbitrary<Buffer> {
  return fc
    .array(fc.constantFrom(...units), { maxLength: 20 })
    .map((all) => Buffer.from(all.join("")));
}

/** A letter of the text is a byte: for bytes that are not UTF-8. */
export function bytesOf(latin1: string): Buffer {
  return Buffer.from(latin1, "latin1");
}

export function documentsOf(bets: readonly Bet[]): string[] {
  return bets.map(({ document }) => document);
}
