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

  /** Five fields after the agency, and whether they are copied. */
  const rows: [string, boolean][] = [
    ["Ñandú,,007,1990-01-31,7574\n", true],
    ["Ana,Paz,1,1990-01-31,0\nEva", true],
    ["Ana,Paz,1,1990-01-31,07\n", false],
    ['"Ana",Paz,1,1990-01-31,7\n', false],
    ["Ana,Paz,1,1990-01-31\n", false],
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
    const between = `between ${JSON.stringify(separator)}`;
    const marked = (text: string): string => text.replaceAll("\n", last).replaceAll(",", separator);

    for (const [text, copied] of rows) {
      const does = copied ? "copies" : "does not copy";
      it(`${does} the fields of ${JSON.stringify(text)} ${between}, without and with an agency`, () => {
        const line = text.slice(0, text.indexOf("\n"));
        for (const [agency, count] of [
          ["", 5],
          ["1,", 6],
        ] as const) {
          const writer = new BetLineWriter();
          const sent = marked(agency + text);
          const [bytes, start] = placed(sent);
          const end = start + Buffer.byteLength(sent);
          const found = writer.fields(bytes, start, end, count, ...codes);
          assert.equal(found, copied ? start + Buffer.byteLength(agency + line) : -1);
          assert.equal(writer.at > 0, copied);
          if (copied) writer.endLine();
          assert.equal(writer.lines.toString(), copied ? `${agency}${line}\r\n` : "");
        }
      });
    }

    it(`copies the first five of six fields ${between} only if that mark ends a bet too`, () => {
      const sent = Buffer.from(marked("Ana,María,Paz,1,1990-01-31,7\n"));
      const writer = new BetLineWriter();
      const found = writer.fields(sent, 0, sent.length, 5, ...codes);
      if (separator !== last) return assert.equal(found, -1);
      assert.equal(found, Buffer.byteLength("Ana,María,Paz,1,1990-01-31"));
      writer.endLine();
      assert.equal(writer.lines.toString(), "Ana,María,Paz,1,1990-01-31\r\n");
    });

    it(`does not copy an agency with a leading zero ${between}`, () => {
      const sent = ["01", "Ana", "Paz", "1", "1990-01-31", `7${last}`].join(separator);
      const writer = new BetLineWriter();
      assert.equal(writer.fields(Buffer.from(sent), 0, sent.length, 6, ...codes), -1);
      const after = Buffer.from(sent.slice("01".length + 1));
      assert.equal(writer.fields(after, 0, after.length, 5, ...codes), after.length - 1);
    });

    it(`writes one line with the fields ${between}, or nothing, whatever they are`, () => {
      const text = fc.oneof(
        { weight: 20, arbitrary: fc.constantFrom("Ana", "7574", "1990-01-31", "é", "'", "-") },
        { weight: 1, arbitrary: fc.constantFrom(",", '"', "\r", "\n", "#", "\r\n1,", "\u0085") },
      );
      const field = fc.array(text, { maxLength: 2 }).map((texts) => texts.join(""));
      const sent = fc
        .array(field, { minLength: 5, maxLength: 7 })
        .map((fields) => Buffer.from(fields.join(separator) + last));
      let copied = 0;
      fc.assert(
        fc.property(sent, fc.constantFrom(5, 6), (bytes, count) => {
          const writer = new BetLineWriter();
          if (count === 5) writer.integer(1);
          const before = writer.at;
          const end = writer.fields(bytes, 0, bytes.length, count, ...codes);
          if (end < 0) {
            assert.equal(writer.at, before);
            return;
          }
          copied++;
          writer.endLine();
          assert.match(writer.lines.toString(), /^[^,"\r\n]*(?:,[^,"\r\n]*){5}\r\n$/);
          writeBet(writer, GOOD);
          const flaw = scanLines(writer.lines, ONE, 2, TODAY);
          assert.ok(flaw === undefined || flaw.index === 0, JSON.stringify(flaw));
        }),
        { numRuns: 2000 },
      );
      assert.ok(copied > 200 && copied < 1800, `${copied} of 2000 were copied`);
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
