import assert from "node:assert/strict";
import { describe, it } from "node:test";
import * as fc from "fast-check";
import { encodeLines } from "../../../../src/lottery/canonical-line.ts";
import { scanLines } from "../../../../src/lottery/scan-lines.ts";
import { createNewlineFieldsClientDecoder } from "../../../../src/protocols/dialects/newline-fields/decode.ts";
import {
  encodeAgency,
  encodeCentral,
  newlineFieldsMeasure,
  unfitForNewlineFields,
} from "../../../../src/protocols/dialects/newline-fields/encode.ts";
import { spoiledBet, TODAY } from "../../../lottery/arbitrary-bets.ts";
import { carriedBet } from "./bets.ts";
import { fromCentral, fromClient } from "./codec.ts";
import { AGENCY } from "../../plain-bets.ts";
import { pieces } from "../../cuts.ts";

const sizes = fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 1, maxLength: 8 });
const someBets = fc.array(carriedBet, { minLength: 1, maxLength: 20 });

describe("the codec of newline-fields", () => {
  it("carries any bets that fit, as the same canonical lines", () => {
    fc.assert(
      fc.property(someBets, fc.boolean(), sizes, (bets, typed, cuts) => {
        const lines = encodeLines(bets);
        assert.equal(scanLines(lines, AGENCY, bets.length, TODAY), undefined);
        const bytes = encodeAgency({ kind: "batch", typed, bets });
        assert.deepEqual(fromClient(...pieces(bytes, cuts)), [
          {
            kind: "batch",
            typed,
            single: !typed && bets.length === 1,
            agency: AGENCY,
            count: bets.length,
            lines: lines.toString(),
            readable: true,
          },
        ]);
      }),
    );
  });

  it("lets no spoiled bet that fits pass for a good one", () => {
    fc.assert(
      fc.property(spoiledBet(AGENCY), (bet) => {
        fc.pre(unfitForNewlineFields(bet) === undefined);
        const lines = encodeLines([bet]);
        const flaw = scanLines(lines, AGENCY, 1, TODAY);
        const bytes = encodeAgency({ kind: "batch", typed: true, bets: [bet] });
        const decoder = createNewlineFieldsClientDecoder({ frameBytesMax: 131_072 });
        const [decoded] = decoder.push(bytes);
        assert.ok(decoded?.kind === "message" && decoded.message.kind === "batch");
        const { count, lines: carried } = decoded.message;
        assert.equal(count, 1);
        const carriedFlaw = scanLines(carried, AGENCY, 1, TODAY);
        assert.equal(carriedFlaw === undefined, flaw === undefined);
        if (flaw === undefined) assert.deepEqual(Buffer.from(carried), lines);
      }),
      { numRuns: 500 },
    );
  });

  it("measures batches to the byte", () => {
    fc.assert(
      fc.property(fc.array(carriedBet, { maxLength: 20 }), fc.boolean(), (bets, typed) => {
        const measure = newlineFieldsMeasure(typed);
        let bytes = measure.overheadBytes;
        for (const [index, bet] of bets.entries()) {
          bytes += measure.betBytes(bet, encodeLines([bet]).length, index);
        }
        assert.equal(encodeAgency({ kind: "batch", typed, bets }).length, bytes);
      }),
    );
  });

  it("says the same however a conversation is cut", () => {
    const text = fc.string({
      unit: fc.constantFrom("\n", "1", "a", "-", "BET", "é"),
      maxLength: 9,
    });
    const messages = fc.array(
      fc.oneof(
        someBets.map((bets) => encodeAgency({ kind: "batch", typed: true, bets })),
        someBets.map((bets) => encodeAgency({ kind: "batch", typed: false, bets })),
        fc.constant(encodeAgency({ kind: "confirmation", agency: AGENCY })),
        fc.constant(encodeAgency({ kind: "question", agency: AGENCY })),
        text.map((odd) => Buffer.from(`BET\n${odd}\n\n`)),
      ),
      { maxLength: 5 },
    );
    fc.assert(
      fc.property(messages, sizes, (said, cuts) => {
        const bytes = Buffer.concat(said);
        assert.deepEqual(fromClient(...pieces(bytes, cuts)), fromClient(bytes));
      }),
    );
  });

  it("carries any documents of winners", () => {
    const documents = fc.array(fc.stringMatching(/^\d{1,10}$/), { maxLength: 30 });
    fc.assert(
      fc.property(documents, sizes, (winners, cuts) => {
        const bytes = encodeCentral({ kind: "winners", documents: winners });
        assert.deepEqual(fromCentral(...pieces(bytes, cuts)), [
          { kind: "winners", documents: winners },
        ]);
      }),
    );
  });

  it("makes messages or a violation of any bytes, and never throws", () => {
    const noise = fc.oneof(
      fc.uint8Array({ maxLength: 60 }),
      fc
        .string({ unit: fc.constantFrom("\n", "\n", "1", "BET", "WINNERS", "é", "\0") })
        .map((text) => Buffer.from(text)),
    );
    fc.assert(
      fc.property(fc.array(noise), (chunks) => {
        const decoder = createNewlineFieldsClientDecoder({ frameBytesMax: 200 });
        let violations = 0;
        for (const chunk of chunks) {
          for (const { kind } of decoder.push(chunk)) {
            assert.equal(violations, 0);
            if (kind === "violation") violations++;
          }
        }
        decoder.end();
      }),
      { numRuns: 2000 },
    );
  });
});
