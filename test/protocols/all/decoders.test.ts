import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { createRandom } from "../../../src/generate/random.ts";
import { seed, seedNote } from "../../support/seed.ts";
import { DECODERS, type NamedDecoder, titleOf } from "./decoders.ts";
import { fuzzDecoder, realBytes } from "./fuzz-decoder.ts";
import { fuzzPort } from "./fuzz-port.ts";
import { recordings } from "./recordings.ts";

const INPUTS = 20_000;
const PORT_INPUTS = 2000;
const CHUNK_BYTES = 1024;
/** Bytes that never end a message somewhere, or end one after the other. */
const FILLERS = [0x00, 0x00, 0x0a, 0x31, 0x31, 0x41, 0x41, 0x7c, 0xff];
/** In how many chunks a large message comes. */
const CHUNKS = 64;

const sent = await recordings();

describe(`decoders, given ${INPUTS} spoiled inputs (${seedNote})`, () => {
  const inputs = Math.ceil(INPUTS / DECODERS.length);
  for (const decoder of DECODERS) {
    it(`${titleOf(decoder)}: messages or one violation, however they are cut`, () => {
      fuzzDecoder(decoder, sent, { inputs, seed });
    });
  }
});

it(`the shared port, given ${PORT_INPUTS} spoiled conversations, fails at none (${seedNote})`, async () => {
  await fuzzPort(sent, { inputs: PORT_INPUTS, seed });
});

describe(`decoders, given messages without an end (${seedNote})`, () => {
  for (const decoder of DECODERS) {
    it(`${titleOf(decoder)}: keeps no more than its limit and a chunk`, () => {
      const random = createRandom(seed);
      const real = realBytes(decoder, sent);
      const chunkBytes = Math.max(CHUNK_BYTES, decoder.bytesMax / CHUNKS);
      for (const filler of FILLERS) {
        const beginning = random.pick(real);
        const begun = beginning.subarray(0, random.below(beginning.length + 1));
        assertBounded(decoder, begun, Buffer.alloc(chunkBytes, filler));
      }
    });
  }
});

/** @param filler comes again and again behind the beginning */
function assertBounded(decoder: NamedDecoder, beginning: Buffer, filler: Buffer): void {
  const { bytesMax } = decoder;
  const taking = decoder.create();
  const before = process.memoryUsage().arrayBuffers;
  let keptBytes = 0;
  let chunk = beginning;
  for (let fedBytes = 0; fedBytes <= 2 * (bytesMax + filler.length); fedBytes += chunk.length) {
    keptBytes += chunk.length;
    for (const decoded of taking.push(chunk)) {
      keptBytes = 0;
      if (decoded.kind === "violation") return;
    }
    if (!taking.midFrame) keptBytes = 0;
    assert.ok(keptBytes <= bytesMax + filler.length, `it keeps ${keptBytes} bytes`);
    chunk = filler;
  }
  // A buffer that doubles leaves its smaller ones behind until they are collected.
  const grownBytes = process.memoryUsage().arrayBuffers - before;
  assert.ok(grownBytes <= 4 * bytesMax + 64 * 1024, `it holds ${grownBytes} bytes`);
}
