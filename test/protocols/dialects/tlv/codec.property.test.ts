import assert from "node:assert/strict";
import { describe, it } from "node:test";
import * as fc from "fast-check";
import { encodeLines } from "../../../../src/lottery/canonical-line.ts";
import { scanLines } from "../../../../src/lottery/scan-lines.ts";
import { createTlvClientDecoder } from "../../../../src/protocols/dialects/tlv/decode.ts";
import {
  encodeAgency,
  encodeCentral,
  tlvMeasure,
  unfitForTlv,
} from "../../../../src/protocols/dialects/tlv/encode.ts";
import { anyBet } from "./bets.ts";
import { fromCentral, fromClient, packet } from "./codec.ts";
import { AGENCY, bets } from "../../plain-bets.ts";
import { pieces } from "../../cuts.ts";

const TODAY = 20261120;
const sizes = fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 1, maxLength: 8 });

describe("tlv's codec", () => {
  it("carries any valid bets, as the same canonical lines", () => {
    fc.assert(
      fc.property(fc.array(anyBet, { minLength: 1, maxLength: 30 }), sizes, (sent, cuts) => {
        const lines = encodeLines(sent);
        const bytes = encodeAgency({ kind: "batch", bets: sent });
        assert.equal(scanLines(lines, AGENCY, sent.length, TODAY), undefined);
        assert.ok(sent.every((each) => unfitForTlv(each) === undefined));
        assert.deepEqual(fromClient(...pieces(bytes, cuts)), [
          {
            kind: "batch",
            single: false,
            agency: 1,
            count: sent.length,
            lines: lines.toString(),
          },
        ]);
      }),
    );
  });

  it("measures batches to the byte", () => {
    fc.assert(
      fc.property(fc.array(anyBet, { maxLength: 120 }), (sent) => {
        let bytes = tlvMeasure.overheadBytes;
        for (const [index, bet] of sent.entries()) bytes += tlvMeasure.betBytes(bet, 0, index);
        assert.equal(encodeAgency({ kind: "batch", bets: sent }).length, bytes);
      }),
    );
    for (const count of [9, 10, 11, 99, 100, 101, 1000, 1001]) {
      const sent = bets(count);
      let bytes = tlvMeasure.overheadBytes;
      for (const [index, bet] of sent.entries()) bytes += tlvMeasure.betBytes(bet, 0, index);
      assert.equal(encodeAgency({ kind: "batch", bets: sent }).length, bytes, `${count} bets`);
    }
  });

  it("says the same however a conversation is cut", () => {
    const messages = fc.array(
      fc.oneof(
        fc
          .array(anyBet, { maxLength: 4 })
          .map((sent) => encodeAgency({ kind: "batch", bets: sent })),
        anyBet.map((bet) => encodeAgency({ kind: "bet", bet })),
        fc.nat({ max: 100 }).map((agency) => encodeAgency({ kind: "done", agency })),
        fc.nat({ max: 100 }).map((agency) => encodeAgency({ kind: "question", agency })),
        fc
          .tuple(fc.nat({ max: 10 }), fc.uint8Array({ maxLength: 40 }))
          .map(([code, body]) => packet(code, body)),
      ),
      { maxLength: 6 },
    );
    fc.assert(
      fc.property(messages, sizes, (packets, cuts) => {
        const bytes = Buffer.concat(packets);
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
        .tuple(
          fc.constantFrom(1, 3, 5, 6),
          fc.string({ unit: fc.constantFrom("#", "@", "0", "1", "a", ",", "\n") }),
        )
        .map(([code, body]) => packet(code, body)),
    );
    fc.assert(
      fc.property(fc.array(noise), (chunks) => {
        const decoder = createTlvClientDecoder({ frameBytesMax: 200 });
        for (const chunk of chunks) {
          for (const decoded of decoder.push(chunk)) assert.ok(decoded.kind.length > 0);
        }
        decoder.end();
      }),
      { numRuns: 2000 },
    );
  });
});
