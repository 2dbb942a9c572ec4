import assert from "node:assert/strict";
import { it } from "node:test";
import * as fc from "fast-check";
import { createColonLinesClientDecoder } from "../../../../src/protocols/dialects/colon-lines/decode.ts";
import {
  encodeBatch,
  encodeDone,
  encodeQuestion,
} from "../../../../src/protocols/dialects/colon-lines/encode.ts";
import { anyAgency } from "../../../lottery/arbitrary-bets.ts";
import { seed, seedNote } from "../../../support/seed.ts";
import { SERVE_LIMITS } from "../../serve-context.ts";
import { carriedBet } from "./spoken.ts";

const anyBatch = anyAgency.chain((agency) =>
  fc
    .tuple(
      fc.array(carriedBet(agency), { minLength: 1, maxLength: 20 }),
      fc.constantFrom("ej6", "ej8"),
    )
    .map(([bets, version]) => encodeBatch(agency, bets, version)),
);
const anyMessage = fc.oneof(anyBatch, anyAgency.map(encodeDone), anyAgency.map(encodeQuestion));

it(`colon-lines knows that a line ended, of one line without a type and of nothing else (${seedNote})`, () => {
  fc.assert(
    fc.property(anyMessage, (bytes) => {
      const decoder = createColonLinesClientDecoder(SERVE_LIMITS);
      const text = bytes.toString("latin1");
      for (let at = 0; at < bytes.length; at++) {
        Array.from(decoder.push(bytes.subarray(at, at + 1)));
        const sofar = text.slice(0, at + 1);
        const untyped = /^\d+:(?!\d[:\r])[^\n]*\n$/.test(sofar) && !sofar.endsWith("\r\n");
        assert.equal(decoder.lineEnded, untyped, JSON.stringify(sofar));
      }
    }),
    { seed },
  );
});
