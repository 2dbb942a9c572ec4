import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { recogniseTlv } from "../../../../src/protocols/dialects/tlv/dialect.ts";
import { packet } from "./codec.ts";

describe("tlv is recognised", () => {
  for (const [what, bytes] of [
    ["a batch", packet(3, "2#@0#1#Ana#")],
    ["an empty batch", packet(3, "0#")],
    ["a single bet", packet(1, "1#Ana#")],
    ["the end of bets", packet(5, "1#")],
    ["a question", packet(6, "4294967295#")],
  ] as const) {
    it(`by ${what}, at every split`, () => {
      const decided = bytes.indexOf("#", 5) + 1;
      for (let length = 0; length <= bytes.length; length++) {
        const expected = length < decided ? "more" : "yes";
        assert.equal(recogniseTlv(bytes.subarray(0, length)), expected, `${length} bytes`);
      }
    });
  }

  for (const [what, bytes] of [
    ["a code of the central", packet(2, "1#")],
    ["a close, which could be any dialect's 0", packet(0, "1#")],
    ["a body that does not begin with a digit", packet(3, "x#")],
    ["a body that begins with #", packet(3, "#1")],
    ["more digits than a number has", packet(5, "12345678901#")],
    ["a body without #", packet(5, "12")],
    ["a # behind the body", Buffer.concat([packet(5, "12"), Buffer.from("#")])],
    ["an empty body", packet(5, "")],
    ["a length of 1", packet(5, "1")],
    ["the preface of another dialect", Buffer.from("QNL1")],
    ["text", Buffer.from("1#Ana#Paz#")],
  ] as const) {
    it(`not by ${what}`, () => {
      assert.equal(recogniseTlv(Buffer.concat([bytes, Buffer.from("12#")])), "no");
    });
  }

  it("never waits for more than 16 bytes", () => {
    for (const code of [1, 3, 5, 6]) {
      const bytes = Buffer.concat([Buffer.of(code), Buffer.alloc(15, "0")]);
      assert.notEqual(recogniseTlv(bytes), "more");
    }
  });
});
