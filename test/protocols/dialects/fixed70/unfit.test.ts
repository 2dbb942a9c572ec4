import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { fixed70Dialect } from "../../../../src/protocols/dialects/fixed70/dialect.ts";
import { bet } from "./bytes.ts";

const dialer = fixed70Dialect.dialer ?? assert.fail();

describe("bets that fixed70 cannot carry", () => {
  for (const [what, changed, field, reason] of [
    [
      "a first name of 25 bytes",
      { firstName: `${"x".repeat(23)}Ñ` },
      "firstName",
      /takes 25 bytes, fixed70 has room for 24/,
    ],
    ["a last name of 25 bytes", { lastName: "x".repeat(25) }, "lastName", /takes 25 bytes/],
    ["no first name", { firstName: "" }, "firstName", /begin with a letter/],
    [
      "a first name that begins with a tab",
      { firstName: "\tAna" },
      "firstName",
      /begin with a letter/,
    ],
    ["a NUL at a name's end", { firstName: "Ana\0" }, "firstName", /NUL/],
    ["a NUL at a name's beginning", { lastName: "\0Paz" }, "lastName", /NUL/],
    ["half a character", { lastName: "\ud83d" }, "lastName", /Unicode/],
    ["a document with leading zeros", { document: "05123456" }, "document", /leading zeros/],
    ["a document of two zeros", { document: "00" }, "document", /leading zeros/],
    ["a document over 32 bits", { document: "4294967296" }, "document", /32 bits/],
    ["a document of letters", { document: "1e3" }, "document", /32 bits/],
    ["a birthdate of 11 bytes", { birthdate: "1990-01-031" }, "birthdate", /takes 11 bytes/],
    ["no number", { number: Number.NaN }, "number", /32 bits/],
    ["a negative number", { number: -1 }, "number", /32 bits/],
    ["a part of a number", { number: 1.5 }, "number", /32 bits/],
    ["a number over 32 bits", { number: 2 ** 32 }, "number", /32 bits/],
  ] as const) {
    it(`has ${what}`, () => {
      const unfit = dialer.unfit?.(bet(changed));
      assert.equal(unfit?.field, field);
      assert.match(unfit.reason, reason);
    });
  }

  for (const changed of [
    {},
    { firstName: "Ñ".repeat(12), lastName: "" },
    { firstName: 'a,"#\nb', document: "0", number: 2 ** 32 - 1 },
    { document: "4294967295", birthdate: "1990-13-99" },
  ]) {
    it(`are not such as ${JSON.stringify(changed)}`, () => {
      assert.equal(dialer.unfit?.(bet(changed)), undefined);
    });
  }

  it("take 70 bytes each, and 4 for their count", () => {
    assert.equal(dialer.measure.overheadBytes, 4);
    assert.equal(dialer.measure.betBytes(bet(), 100, 3), 70);
  });
});
