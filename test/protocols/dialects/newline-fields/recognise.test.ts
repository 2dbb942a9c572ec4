import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { recogniseNewlineFields } from "../../../../src/protocols/dialects/newline-fields/dialect.ts";

describe("newline-fields is recognised", () => {
  for (const [what, text] of [
    ["a batch", "BET\n"],
    ["the end of the bets", "CONFIRMATION\n"],
    ["a question", "WINNERS\n"],
    ["an agency's number", "1\n"],
    ["the largest agency's number", "4294967295\n"],
  ] as const) {
    it(`by ${what}, and not before`, () => {
      const bytes = Buffer.from(text);
      for (let length = 0; length < bytes.length; length++) {
        assert.equal(recogniseNewlineFields(bytes.subarray(0, length)), "more");
      }
      assert.equal(recogniseNewlineFields(bytes), "yes");
      assert.equal(recogniseNewlineFields(Buffer.from(`${text}Ana\nPaz\n`)), "yes");
    });
  }

  for (const [what, text] of [
    ["a colon behind the digits, as colon-lines has it", "1:"],
    ["an empty line", "\n"],
    ["a type and more on its line", "BETS\n"],
    ["a type and a CR", "WINNERS\r\n"],
    ["a type in small letters", "bet\n"],
    ["eleven digits", "42949672950"],
    ["digits and a CR", "1\r\n"],
    ["a byte 0, as binary dialects begin", "\0\0\0\u0001"],
    ["the echo's own", "[CLIENT 1]"],
    ["the native preface", "QNL1"],
  ] as const) {
    it(`not by ${what}`, () => {
      assert.equal(recogniseNewlineFields(Buffer.from(text)), "no");
    });
  }
});
