import assert from "node:assert/strict";
import { createRandom } from "../../../src/generate/random.ts";
import type { NamedDecoder } from "./decoders.ts";
import { decodedOf, fuzzed, pieces } from "./fuzz.ts";
import type { Sent } from "./recordings.ts";

/**
 * Gives a decoder spoiled bytes: it makes messages of them, or one violation, and the same however
 * they are cut.
 */
export function fuzzDecoder(
  decoder: NamedDecoder,
  sent: readonly Sent[],
  { inputs, seed }: { readonly inputs: number; readonly seed: number },
): void {
  const random = createRandom(seed);
  const real = realBytes(decoder, sent);
  for (let input = 0; input < inputs; input++) {
    const bytes = fuzzed(random, real);
    const chunks = pieces(random, bytes);
    try {
      assert.equal(decodedOf(decoder.create(), chunks), decodedOf(decoder.create(), [bytes]));
    } catch (cause) {
      const cuts = chunks.map((chunk) => chunk.toString("hex")).join(" ");
      throw new Error(`Input ${input}: ${cuts}`, { cause });
    }
  }
}

/** What such a decoder gets when all is well. */
export function realBytes(
  { dialect, by }: Pick<NamedDecoder, "dialect" | "by">,
  sent: readonly Sent[],
): [Buffer, ...Buffer[]] {
  const [first, ...others] = sent
    .filter((each) => each.dialect === dialect && each.by === by)
    .map(({ bytes }) => bytes);
  return [first ?? assert.fail(`nothing was sent in ${dialect}`), ...others];
}
