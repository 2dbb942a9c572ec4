import assert from "node:assert/strict";
import { describe, it } from "node:test";
import * as fc from "fast-check";
import type { Bet } from "../../../../src/lottery/bet.ts";
import { encodeLines } from "../../../../src/lottery/canonical-line.ts";
import {
  AnswerDecoder,
  type Expected,
} from "../../../../src/protocols/dialects/fixed70/answer-decoder.ts";
import {
  encodeAgency,
  encodeCentral,
  unfitBet,
} from "../../../../src/protocols/dialects/fixed70/encode.ts";
import type { CentralMessage } from "../../../../src/protocols/dialects/fixed70/wire.ts";
import { agency } from "./bytes.ts";
import { decodeAll } from "./codec.ts";

const name = fc.string({ unit: "binary", maxLength: 12 });

/** Bets that fixed70 can carry, valid or not. */
const fitBet: fc.Arbitrary<Bet> = fc
  .record({
    agency: fc.integer({ min: 1, max: 0xffff }).map(agency),
    firstName: name,
    lastName: name,
    document: fc.integer({ min: 0, max: 0xffff_ffff }).map(String),
    birthdate: fc.constantFrom("1990-01-31", "2000-02-29", "1990-1-1", ""),
    number: fc.integer({ min: 0, max: 0xffff_ffff }),
  })
  .filter((bet) => unfitBet(bet) === undefined);

const batches = fc.array(fc.array(fitBet, { minLength: 1, maxLength: 5 }), {
  minLength: 1,
  maxLength: 4,
});

/** Cuts bytes at the given places. */
function cutAt(bytes: Buffer, places: readonly number[]): Buffer[] {
  const cuts = places.map((place) => place % (bytes.length + 1)).toSorted((a, b) => a - b);
  return [...cuts, bytes.length].map((cut, index) => bytes.subarray(cuts[index - 1] ?? 0, cut));
}

const places = fc.array(fc.nat(), { maxLength: 30 });

describe("fixed70, encoded and decoded", () => {
  for (const version of ["final", "ej6"] as const) {
    it(`carries whatever bets fit, in ${version}, cut anywhere`, () => {
      fc.assert(
        fc.property(batches, places, (runs, cuts) => {
          const hello = encodeAgency({ kind: "hello", agency: 1 });
          const bytes = Buffer.concat([
            ...(version === "final" ? [hello] : []),
            ...runs.map((bets) => encodeAgency({ kind: "batch", bets })),
            encodeAgency({ kind: "zero" }),
          ]);
          const expected = [
            ...runs.map((bets) => ({
              kind: "batch",
              version,
              agency: version === "final" ? 1 : bets[0]?.agency,
              count: bets.length,
              lines: encodeLines(bets).toString(),
            })),
            { kind: "zero", version, agency: version === "final" ? 1 : 0 },
          ];
          assert.deepEqual(decodeAll(cutAt(bytes, cuts)), { messages: expected });
        }),
        { numRuns: 300 },
      );
    });
  }

  it("carries a bet alone, cut anywhere", () => {
    fc.assert(
      fc.property(fitBet, places, (bet, cuts) => {
        const bytes = encodeAgency({ kind: "bet", bet });
        const lines = encodeLines([bet]).toString();
        assert.deepEqual(decodeAll(cutAt(bytes, cuts)).messages, [
          { kind: "batch", version: "ej5", agency: bet.agency, count: 1, lines },
        ]);
      }),
      { numRuns: 300 },
    );
  });

  it("makes the same of any bytes, however they are cut, and never throws", () => {
    const byte = fc.oneof(fc.constantFrom(0, 0, 0, 1, 2, 65), fc.integer({ min: 0, max: 255 }));
    const noise = fc.oneof(
      fc.uint8Array({ maxLength: 400 }),
      fc.array(byte, { maxLength: 400 }).map((bytes) => Uint8Array.from(bytes)),
    );
    const limits = { courseFrameBytesMax: 300 };
    fc.assert(
      fc.property(noise, places, (noisy, cuts) => {
        const bytes = Buffer.from(noisy);
        assert.deepEqual(decodeAll(cutAt(bytes, cuts), limits), decodeAll([bytes], limits));
      }),
      { numRuns: 2000 },
    );
  });
});

describe("the answers of fixed70, encoded and decoded", () => {
  const answer: fc.Arbitrary<CentralMessage> = fc.oneof(
    fc
      .constantFrom("ej5", "ej6", "final")
      .map((version) => ({ kind: "confirmation", version }) as const),
    fc
      .array(fc.integer({ min: 0, max: 0xffff_ffff }).map(String), { maxLength: 20 })
      .map((documents) => ({ kind: "winners", documents }) as const),
  );

  it("are what is expected, cut anywhere", () => {
    fc.assert(
      fc.property(fc.array(answer, { maxLength: 5 }), places, (answers, cuts) => {
        const decoder = new AnswerDecoder();
        for (const sent of answers) {
          decoder.expect(expectedFor(sent));
          const chunks = cutAt(encodeCentral(sent), cuts);
          const decoded = chunks.flatMap((chunk) => [...decoder.push(chunk)]);
          assert.deepEqual(decoded, [{ kind: "message", message: sent }]);
          assert.equal(decoder.end(), undefined);
        }
      }),
      { numRuns: 500 },
    );
  });
});

function expectedFor(message: CentralMessage): Expected {
  return message.kind === "winners" ? "winners" : message.version;
}
