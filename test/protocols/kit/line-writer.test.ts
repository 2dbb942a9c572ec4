import assert from "node:assert/strict";
import { describe, it } from "node:test";
import * as fc from "fast-check";
import type { AgencyId, Bet } from "../../../src/lottery/bet.ts";
import { encodeLines } from "../../../src/lottery/canonical-line.ts";
import { scanLines } from "../../../src/lottery/scan-lines.ts";
import { decimal, BetLineWriter } from "../../../src/protocols/kit/line-writer.ts";
import { anyAgency, goodBet, TODAY } from "../../lottery/arbitrary-bets.ts";
import { seed, seedNote } from "../../support/seed.ts";

fc.configureGlobal({ seed });

const ONE = 1 as AgencyId;

/** The field somewhere inside other bytes, as it stands on the wire. */
function placed(text: string | Uint8Array): [Uint8Array, number, number] {
  const bytes = Buffer.from(text as string);
  return [Buffer.concat([Buffer.from("99,"), bytes, Buffer.from("7,")]), 3, 3 + bytes.length];
}

function writeBet(writer: BetLineWriter, bet: Bet): void {
  writer
    .number(...placed(String(bet.agency)))
    .name(...placed(bet.firstName))
    .name(...placed(bet.lastName))
    .document(...placed(bet.document))
    .birthdate(...placed(bet.birthdate))
    .number(...placed(String(bet.number)))
    .endLine();
}

describe(`a line writer (${seedNote})`, () => {
  it("writes the canonical lines of any good bets, batch after batch", () => {
    const writer = new BetLineWriter();
    fc.assert(
      fc.property(
        anyAgency.chain((agency) => fc.array(goodBet(agency), { maxLength: 400 })),
        (bets) => {
          writer.clear();
          for (const bet of bets) writeBet(writer, bet);
          assert.equal(writer.count, bets.length);
          assert.equal(writer.lines.toString(), encodeLines(bets).toString());
        },
      ),
    );
  });

  it("drops the leading zeros of numbers, and keeps those of documents", () => {
    const writer = new BetLineWriter();
    writer
      .number(...placed("0001"))
      .name(...placed("Ana"))
      .name(...placed("Paz"))
      .document(...placed("00042"))
      .birthdate(...placed("1990-01-31"))
      .number(...placed("0000"))
      .endLine();
    assert.equal(writer.lines.toString(), "1,Ana,Paz,00042,1990-01-31,0\r\n");
  });

  it("writes numbers that the dialect carries as such", () => {
    const writer = new BetLineWriter();
    writer.integer(4_294_967_295).integer(0).endLine();
    assert.equal(writer.lines.toString(), "4294967295,0\r\n");
  });

  const rests: [string, boolean][] = [
    ["Ñandú,,007,1990-01-31,7574\n", true],
    ["Ana,Paz,1,1990-01-31,0\nEva", true],
    ["Ana,Paz,1,1990-01-31,07\n", false],
    ['"Ana",Paz,1,1990-01-31,7\n', false],
    ["Ana,Paz,1,1990-01-31\n", false],
    ["Ana,María,Paz,1,1990-01-31,7\n", false],
    ["Ana,Paz\r,1,1990-01-31,7\n", false],
    ["Ana,Paz,1,1990-01-31,7", false],
    ["", false],
  ];
  const marks: [string, string][] = [
    [",", "\n"],
    ["#", "#"],
    ["\n", "\n"],
  ];
  for (const [separator, last] of marks) {
    const codes = [separator.charCodeAt(0), last.charCodeAt(0)] as const;
    for (const [text, copied] of rests) {
      const sent = text.replaceAll("\n", last).replaceAll(",", separator);
      const does = copied ? "copies" : "does not copy";
      it(`${does} ${JSON.stringify(sent)} as the fields after the agency, and after an agency`, () => {
        const line = text.slice(0, text.indexOf("\n"));
        for (const agency of ["", `1${separator}`]) {
          const writer = new BetLineWriter();
          const [bytes, start] = placed(agency + sent);
          const end = start + Buffer.byteLength(agency + sent);
          const count = agency === "" ? 5 : 6;
          const found = writer.fields(bytes, start, end, count, ...codes);
          const expected = copied ? start + Buffer.byteLength(agency + line) : -1;
          // What follows the last field is another bet's, where both marks are the same.
          if (!copied && separator === last && /María|31\n/.test(text)) continue;
          assert.equal(found, expected);
          const written = agency === "" ? line : `1,${line}`;
          assert.equal(writer.count, 0);
          if (copied) writer.endLine();
          assert.equal(writer.lines.toString(), copied ? `${written}\r\n` : "");
        }
      });
    }

    it(`does not copy an agency with a leading zero, before ${JSON.stringify(separator)}`, () => {
      const sent = ["01", "Ana", "Paz", "1", "1990-01-31", `7${last}`].join(separator);
      const writer = new BetLineWriter();
      assert.equal(writer.fields(Buffer.from(sent), 0, sent.length, 6, ...codes), -1);
      const after = Buffer.from(sent.slice("01".length + 1));
      assert.equal(writer.fields(after, 0, after.length, 5, ...codes), after.length - 1);
    });

    it(`lets no field out of its line that ${JSON.stringify(separator)} parts from the next`, () => {
      const bytes = fc.uint8Array({ maxLength: 80 }).map((all) => Buffer.from(all));
      const parts = fc
        .array(
          fc.constantFrom(",", '"', "\r", "\n", "#", "\r\n1,", "7574", "é", "\u0085", separator),
        )
        .map((all) => Buffer.from(all.join("")));
      fc.assert(
        fc.property(fc.oneof(bytes, parts), fc.constantFrom(5, 6), (sent, count) => {
          const writer = new BetLineWriter();
          if (count === 5) writer.integer(1);
          const end = writer.fields(sent, 0, sent.length, count, ...codes);
          if (end < 0) writer.clear();
          else writer.endLine();
          writeBet(writer, GOOD);
          const flaw = scanLines(writer.lines, ONE, end < 0 ? 1 : 2, TODAY);
          assert.ok(flaw === undefined || (end >= 0 && flaw.index === 0), JSON.stringify(flaw));
        }),
        { numRuns: 2000 },
      );
    });
  }

  it("takes a line that its dialect has written itself, in a row with others", () => {
    const writer = new BetLineWriter();
    for (const text of ["1,x".repeat(5000), "2,y"]) {
      const bytes = Buffer.from(text);
      const into = writer.room(bytes.length);
      into.set(bytes, writer.at);
      // Nothing has been written until it is said so.
      assert.equal(writer.count, text.startsWith("1") ? 0 : 2);
      writer.wrote(writer.at + bytes.length);
      if (text.startsWith("1")) writer.integer(7).endLine();
    }
    assert.equal(writer.lines.toString(), `${"1,x".repeat(5000)}\r\n7\r\n2,y\r\n`);
    assert.equal(writer.count, 3);
  });

  it("writes every number of 32 bits as it is", () => {
    const values = fc.oneof(
      fc.nat({ max: 0xffff_ffff }),
      fc.nat({ max: 10 }).map((exponent) => Math.min(10 ** exponent, 0xffff_ffff)),
      fc.nat({ max: 9 }).map((exponent) => 10 ** exponent - 1),
      fc.nat({ max: 31 }).map((bit) => 2 ** bit),
    );
    fc.assert(
      fc.property(values, (value) => {
        const writer = new BetLineWriter();
        writer.integer(value).integer(0).endLine();
        assert.equal(writer.lines.toString(), `${value},0\r\n`);
      }),
      { numRuns: 2000 },
    );
  });

  it("lets no field out of its line, whatever its bytes: one line of six fields, or a refusal", () => {
    const nasty = fc.oneof(
      fc.uint8Array({ maxLength: 40 }).map((bytes) => Buffer.from(bytes)),
      fc
        .array(fc.constantFrom(",", '"', "\r", "\n", "\r\n1,", "\0", "-", "7574", "é", "\u0085"))
        .map((parts) => Buffer.from(parts.join(""))),
    );
    fc.assert(
      fc.property(nasty, nasty, nasty, nasty, nasty, (first, last, document, birthdate, number) => {
        const writer = new BetLineWriter();
        writer
          .integer(1)
          .name(...placed(first))
          .name(...placed(last))
          .document(...placed(document))
          .birthdate(...placed(birthdate))
          .number(...placed(number))
          .endLine();
        writeBet(writer, GOOD);
        const flaw = scanLines(writer.lines, ONE, 2, TODAY);
        // The good bet behind it is never the one that is refused, nor one too many.
        assert.ok(flaw === undefined || flaw.index === 0, JSON.stringify(flaw));
      }),
      { numRuns: 2000 },
    );
  });
});

const GOOD: Bet = {
  agency: ONE,
  firstName: "Eva",
  lastName: "Gil",
  document: "30904465",
  birthdate: "1999-03-17",
  number: 2201,
};

describe("decimal", () => {
  const cases: [string, number][] = [
    ["0", 0],
    ["007", 7],
    ["4294967295", 4_294_967_295],
    ["00000000000000000001", 1],
    ["", Number.NaN],
    ["12345678901", Number.NaN],
    ["+1", Number.NaN],
    ["-1", Number.NaN],
    ["1 ", Number.NaN],
    ["1e3", Number.NaN],
  ];
  for (const [text, value] of cases) {
    it(`of "${text}" is ${value}`, () => {
      assert.equal(decimal(...placed(text)), value);
    });
  }
});
