import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { recogniseMd5Frames } from "../../../../src/protocols/dialects/md5-frames/dialect.ts";
import { RECOGNISE_BYTES_MAX } from "../../../../src/limits.ts";
import { frame } from "./codec.ts";

/** The braces of a payload are behind the length, the type and the identifier. */
const DECIDED = 23;

describe("md5-frames is recognised", () => {
  for (const [what, bytes] of [
    ["a bet", frame(1, "{agency:1,nombre:Ana}")],
    ["a batch", frame(3, "{agency:1}|{agency:1}")],
    ["a batch above 64 KiB", frame(3, `{agency:1,nombre:${"a".repeat(70_000)}}`)],
    ["the end of bets", frame(4, "{agency:1}")],
    ["a question", frame(5, "{agency:12345}")],
    ["the shortest payload", frame(5, "{")],
    ["an identifier of zeros", frame(5, "{agency:1}", Buffer.alloc(16))],
  ] as const) {
    it(`by ${what}, at every split`, () => {
      for (let length = 0; length <= Math.min(bytes.length, RECOGNISE_BYTES_MAX); length++) {
        const expected = length < DECIDED ? "more" : "yes";
        assert.equal(recogniseMd5Frames(bytes.subarray(0, length)), expected, `${length} bytes`);
      }
    });
  }

  for (const [what, bytes, decided] of [
    ["an answer", frame(2, "{result:success}"), 6],
    ["winners", frame(6, "{ganadores:}"), 6],
    ["an unknown type", frame(7, "{agency:1}"), 6],
    ["a type of two bytes", frame(0x103, "{agency:1}"), 5],
    ["a payload that is no brace", frame(4, "agency:1"), DECIDED],
    ["an empty payload", Buffer.concat([frame(4, ""), Buffer.from("{")]), 5],
    ["a length below 18", Buffer.from("000000110004", "hex"), 5],
    ["16 MiB", Buffer.from("01000000", "hex"), 1],
    ["a hello and a batch of fixed70", Buffer.from("00000001000000030000000141", "hex"), 5],
    [
      "a hello and a batch of fixed70, agency 300",
      Buffer.from("0000012c0000000300000001", "hex"),
      6,
    ],
    ["a batch of fixed70's ej6", Buffer.from("000000030000000141", "hex"), 5],
    ["a bet of fixed70's ej5", Buffer.from("00000001416e61", "hex"), 5],
    ["a packet of tlv", Buffer.from("030000000530", "hex"), 1],
    ["text", Buffer.from("QNL1"), 1],
  ] as const) {
    it(`not by ${what}, as soon as it shows`, () => {
      for (let length = 0; length <= bytes.length; length++) {
        const expected = length < decided ? "more" : "no";
        assert.equal(recogniseMd5Frames(bytes.subarray(0, length)), expected, `${length} bytes`);
      }
    });
  }
});
