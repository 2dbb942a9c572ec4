import { describe, it } from "node:test";
import { DECODERS, titleOf } from "../protocols/all/decoders.ts";
import { fuzzDecoder } from "../protocols/all/fuzz-decoder.ts";
import { fuzzPort } from "../protocols/all/fuzz-port.ts";
import { recordings } from "../protocols/all/recordings.ts";
import { seed, seedNote } from "../support/seed.ts";

const INPUTS = 1_000_000;
const PORT_INPUTS = 100_000;

const sent = await recordings();

describe(`${INPUTS} damaged inputs for all decoders (${seedNote})`, () => {
  const inputs = Math.ceil(INPUTS / DECODERS.length);
  for (const decoder of DECODERS) {
    it(`make no decoder throw: ${titleOf(decoder)}`, () => {
      fuzzDecoder(decoder, sent, { inputs, seed });
    });
  }
});

it(`the shared port survives ${PORT_INPUTS} damaged conversations (${seedNote})`, async () => {
  await fuzzPort(sent, { inputs: PORT_INPUTS, seed });
});
