import assert from "node:assert/strict";
import { describe, it } from "node:test";
import * as fc from "fast-check";
import { encodeLines } from "../../../src/lottery/canonical-line.ts";
import { seed, seedNote } from "../../support/seed.ts";
import { anyPlaces } from "../arbitrary.ts";
import { bytewise, cutAt } from "../cuts.ts";
import { decodeAll, type Seen } from "../seen.ts";
import type { DecoderCase } from "../spoken.ts";
import { decodedOf } from "./fuzz.ts";
import { anyBetOf, type BettingDialect, BETTING, VERSIONS } from "./spoken.ts";

/** What a message of bets carries; undefined for another message. */
function betsIn(seen: Seen): { readonly count: unknown; readonly lines: unknown } | undefined {
  if (typeof seen === "string") assert.fail(`it is a violation: ${seen}`);
  const { lines = seen["line"], count = 1 } = seen;
  return lines === undefined ? undefined : { count, lines };
}

function decoderOf({ decoders, name }: BettingDialect, by: DecoderCase["by"]): DecoderCase {
  return decoders.find((each) => each.by === by) ?? assert.fail(`${name} has none of the ${by}`);
}

for (const { name, spoken, version } of VERSIONS) {
  const who = `the codec of ${name}`;

  describe(`${who} (${seedNote})`, () => {
    const someBets = fc.array(anyBetOf(spoken), { minLength: 1, maxLength: 8 });
    const batches = fc.array(someBets, { minLength: 1, maxLength: 4 });

    it(`${who} carries any bets that fit, however they are cut, as the same lines`, () => {
      fc.assert(
        fc.property(batches, anyPlaces, (sent, places) => {
          const speaker = spoken.speak(1, version);
          const said = sent.map((bets) => speaker.batch(...bets));
          const chunks = cutAt(Buffer.concat([speaker.hello, ...said]), places);
          const seen = decodeAll(decoderOf(spoken, "agency").create(), chunks);
          assert.deepEqual(
            seen.map(betsIn).filter((each) => each !== undefined),
            sent.map((bets) => ({ count: bets.length, lines: encodeLines(bets).toString() })),
          );
        }),
        { seed },
      );
    });
  });
}

for (const spoken of BETTING) {
  const { name, answers, expecting, noise, decoders } = spoken;

  const who = `the codec of ${name}`;

  describe(`${who} (${seedNote})`, () => {
    it(`${who} reads whatever its central answers, however it is cut`, () => {
      fc.assert(
        fc.property(fc.array(answers, { maxLength: 6 }), anyPlaces, (several, places) => {
          const end = several.findIndex(({ last }) => last === true) + 1;
          const said = end === 0 ? several : several.slice(0, end);
          const decoder =
            expecting?.(said.map(({ told = "" }) => told)) ?? decoderOf(spoken, "central").create();
          const bytes = Buffer.concat(said.map((answer) => answer.bytes));
          assert.deepEqual(
            decodeAll(decoder, cutAt(bytes, places)),
            said.map(({ seen }) => seen),
          );
          // Behind the last answer of a connection there may be bytes that nobody reads.
          if (end === 0) assert.equal(decoder.end(), undefined);
        }),
        { seed },
      );
    });

    for (const decoder of decoders) {
      const of = `the ${decoder.by}${decoder.told === undefined ? "" : `, told ${decoder.told}`}`;
      it(`${who} makes messages or one violation of any bytes of ${of}, the same however they are cut`, () => {
        const speaker = spoken.speak();
        const real = anyBetOf(spoken).map((bet) =>
          Buffer.concat([speaker.hello, spoken.speak().batch(bet)]),
        );
        const anything = fc.uint8Array({ maxLength: 60 }).map((bytes) => Buffer.from(bytes));
        const pieces = fc.array(
          fc.oneof(noise, anything, decoder.by === "agency" ? real : answers.map((a) => a.bytes)),
          { maxLength: 8 },
        );
        fc.assert(
          fc.property(pieces, anyPlaces, (parts, places) => {
            const bytes = Buffer.concat(parts);
            const whole = decodedOf(decoder.create(), [bytes]);
            assert.equal(decodedOf(decoder.create(), cutAt(bytes, places)), whole);
            assert.equal(decodedOf(decoder.create(), bytewise(bytes)), whole);
          }),
          { seed, numRuns: 200 },
        );
      });
    }
  });
}
