import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { AgencyId, Bet } from "../../src/lottery/bet.ts";
import { encodeLines, formatLine, parseLines } from "../../src/lottery/canonical-line.ts";

const ana: Bet = {
  agency: 3 as AgencyId,
  firstName: "Ana",
  lastName: "Ñandú",
  document: "0042",
  birthdate: "2000-02-29",
  number: 7,
};

describe("formatLine", () => {
  const names: [string, string][] = [
    ["Ana", "Ana"],
    ["", ""],
    ["D'Elia", "D'Elia"],
    [" Ana ", " Ana "],
    ["Lorca, Ana", '"Lorca, Ana"'],
    ['Ana "Tana"', '"Ana ""Tana"""'],
    ['"', '""""'],
    ["a;b\tc", "a;b\tc"],
    ["a\rb", '"a\rb"'],
    ["a\nb", '"a\nb"'],
  ];
  for (const [name, written] of names) {
    it(`writes ${JSON.stringify(name)} as csv.QUOTE_MINIMAL does`, () => {
      const line = formatLine({ ...ana, firstName: name, lastName: name });
      assert.equal(line, `3,${written},${written},0042,2000-02-29,7\r\n`);
    });
  }
});

describe("parseLines", () => {
  const lorca: Bet = { ...ana, firstName: 'Lorca, "Ana"', lastName: "", number: 7574 };

  it("gives back the bets, in order", () => {
    assert.deepEqual(parseLines(encodeLines([ana, lorca, ana])), [ana, lorca, ana]);
    assert.deepEqual(parseLines(new Uint8Array()), []);
  });

  it("reads a part of a larger buffer", () => {
    const bytes = Buffer.concat([
      Buffer.from("before"),
      encodeLines([lorca]),
      Buffer.from("after"),
    ]);
    const part = new Uint8Array(bytes.buffer, bytes.byteOffset + 6, bytes.length - 11);
    assert.deepEqual(parseLines(part), [lorca]);
  });

  it("throws at a line that is not canonical, and quotes it", () => {
    for (const text of [
      "3,Ana,Paz,1,2000-01-01,7",
      "3,Ana,Paz,1,2000-01-01\r\n",
      '3,"Ana,Paz,1,2000-01-01,7\r\n',
      "4294967296,Ana,Paz,1,2000-01-01,7\r\n",
    ]) {
      assert.throws(() => parseLines(Buffer.from(text)), {
        name: "RangeError",
        message: `Cannot read a canonical line: ${JSON.stringify(text.replace("\r\n", ""))}`,
      });
    }
  });
});
