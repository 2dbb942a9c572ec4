import assert from "node:assert/strict";
import { describe, it } from "node:test";
import * as fc from "fast-check";
import { formatRow } from "../../src/lottery/canonical-line.ts";
import { NO } from "../../src/lottery/scan-lines.ts";
import { scanRow } from "../../src/lottery/scan-rows.ts";
import { anyText, goodBet, spoiledBet } from "../lottery/arbitrary-bets.ts";
import { AGENCY, sampleBet, TODAY } from "./fake-central.ts";
import { seed, seedNote } from "../support/seed.ts";
import { check, GOOD, slowVerdict } from "./checked-file.ts";

const quoted = (field: string): string => `"${field.replaceAll('"', '""')}"`;

const lineOf = (problem: string): number => Number(/^a\.csv:(\d+): /.exec(problem)?.[1]);

describe("the quick check and the reader that sends", () => {
  /** Pieces of files: valid and invalid rows, and pieces that break the cutting into rows. */
  const anyBet = fc.oneof(goodBet(AGENCY), spoiledBet(AGENCY));
  const row = fc
    .tuple(anyBet, fc.constantFrom("\n", "\r\n", "\r\r\n", "\r", ""), fc.nat(3))
    .map(([bet, end, dress]) => {
      if (dress > 0) return formatRow(bet).replace(/\r\n$/, end);
      const { firstName, lastName, document, birthdate, number } = bet;
      return `${[firstName, lastName, document, birthdate, `${number}`].map(quoted).join(",")}${end}`;
    });
  const piece = fc.oneof(
    { weight: 6, arbitrary: row },
    { weight: 6, arbitrary: fc.constantFrom(GOOD, GOOD.repeat(3)) },
    // This is more than one read of the file takes.
    { weight: 1, arbitrary: fc.constant(GOOD.repeat(2500)) },
    { weight: 2, arbitrary: fc.constantFrom('"', '""', "\n", "\r\n", ",", "\ufeff", '",', ' "') },
    { weight: 1, arbitrary: anyText },
  );
  const text = fc.array(piece, { maxLength: 12 }).map((pieces) => pieces.join(""));

  it(`give the same verdict on every file of text (${seedNote})`, async () => {
    let good = 0;
    let bad = 0;
    await fc.assert(
      fc.asyncProperty(text, fc.constantFrom(1, 7, 1000, 70_000), async (content, readBytes) => {
        const bytes = Buffer.from(content);
        const quick = await check(bytes, { readBytes: bytes.length > 20_000 ? 70_000 : readBytes });
        const slow = await slowVerdict(bytes);
        const [first] = quick.problems;
        const [expected] = slow.problems;
        assert.equal(
          first && lineOf(first),
          expected && lineOf(expected),
          `${first} / ${expected}`,
        );
        if (expected === undefined) {
          good++;
          assert.equal(quick.bets, slow.bets);
        } else {
          bad++;
          // The check sees the bytes, so it may name a better reason than the reader, which sees
          // only fields.
          const bytesTell = /CR|U\+FEFF/.test(first ?? "");
          if (!bytesTell) assert.equal(first, expected);
        }
      }),
      { seed, numRuns: 600 },
    );
    assert.ok(good > 50 && bad > 50, `the property must see files of both kinds: ${good}, ${bad}`);
  });

  it(`refuse the same files of any bytes (${seedNote})`, async () => {
    const bytes = fc
      .array(
        fc.oneof(
          piece.map((part) => Buffer.from(part)),
          fc.uint8Array({ maxLength: 3 }),
        ),
      )
      .map((parts) => Buffer.concat(parts));
    await fc.assert(
      fc.asyncProperty(bytes, async (content) => {
        const { problems } = await check(content);
        const slow = await slowVerdict(content);
        assert.equal(
          problems.length > 0,
          slow.problems.length > 0,
          `${problems.join()} / ${slow.problems.join()}`,
        );
      }),
      { seed, numRuns: 300 },
    );
  });

  it(`let the scanner accept only rows of valid bets (${seedNote})`, async () => {
    const letter = fc.oneof(
      { weight: 12, arbitrary: fc.constantFrom("a", "Z", "ñ", "É", "'") },
      { weight: 1, arbitrary: fc.constantFrom(" ", "º", "\u00a0", "\u0085", "ł") },
    );
    const letters = fc.string({ unit: letter, minLength: 1, maxLength: 12 });
    const ordinary = fc
      .record({ firstName: letters, lastName: letters })
      .map((names) => formatRow({ ...sampleBet(7), ...names }));
    let yes = 0;
    await fc.assert(
      fc.asyncProperty(fc.oneof(row, ordinary), async (content) => {
        const bytes = Buffer.from(content);
        const next = scanRow(bytes, 0, TODAY);
        if (next === NO) return;
        yes++;
        assert.deepEqual(await slowVerdict(bytes.subarray(0, next)), { bets: 1, problems: [] });
      }),
      { seed, numRuns: 2000 },
    );
    assert.ok(yes > 200, `the scanner must know good rows: ${yes} of 2000`);
  });
});
