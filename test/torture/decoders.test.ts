import { describe, it } from "node:test";
import { DECODERS, titleOf } from "../protocols/all/decoders.ts";
import { fuzzDecoder } from "../protocols/all/fuzz-decoder.ts";
import { fuzzPort } from "../protocols/all/fuzz-port.ts";
import { recordings } from "../protocols/all/recordings.ts";
import { seed, seedNote } from "../support/seed.ts";

const INPUTS = 1_000_000;
const PORT_INPUTS = 100_000;

const sent = await recordings();

describe(`decoders, given ${INPUTS} spoiled inputs (${seedNote})`, () => {
  const inputs = Math.ceil(INPUTS / DECODERS.length);
  for (const decoder of DECODERS) {
    it(titleOf(decoder), () => {
      fuzzDecoder(decoder, sent, { inputs, seed });
    });
  }
});

it(`the shared port, given ${PORT_INPUTS} spoiled conversations, fails at none (${seedNote})`, async () => {
  await fuzzPort(sent, { inputs: PORT_INPUTS, seed });
});
