import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { recogniseFixed70 } from "../../../../src/protocols/dialects/fixed70/dialect.ts";
import { versionOf } from "../../../../src/protocols/dialects/fixed70/wire.ts";
import { batch, record, u32, ZERO } from "./bytes.ts";

/** Beginnings, what they are, and after how many bytes that is known. */
const BEGINNINGS: readonly (readonly [string, Buffer, string, number])[] = [
  ["final", Buffer.concat([u32(1), batch(3)]), "final", 12],
  ["final, agency 65,535", Buffer.concat([u32(65_535), batch(1, { agency: 65_535 })]), "final", 12],
  [
    "final, agency 256, 256 bets",
    Buffer.concat([u32(256, 256), record({ agency: 256 })]),
    "final",
    12,
  ],
  ["final, without bets", Buffer.concat([u32(5), ZERO]), "final", 8],
  ["final, no first name", Buffer.concat([u32(5), batch(1, { firstName: "" })]), "final", 12],
  ["ej6", batch(3), "ej6", 9],
  ["ej6, a letter of two bytes", batch(116, { firstName: "Ñandú" }), "ej6", 9],
  ["ej6, no first name", batch(3, { firstName: "" }), "ej6", 12],
  ["ej5", record(), "ej5", 5],
  ["ej5, a name of digits", record({ firstName: "1" }), "ej5", 5],
  ["zeros", Buffer.alloc(16), "none", 4],
  ["agency 65,536", u32(65_536, 3, 65_536), "none", 2],
  ["a frame of md5-frames, type 3", Buffer.from("00000050000390015098", "hex"), "none", 6],
  ["a frame of md5-frames above 64 KiB", Buffer.from("0001005000039001", "hex"), "none", 2],
  ["an ej5 name that begins with a control character", record({ firstName: "\t" }), "none", 5],
  ["an ej5 name that begins with DEL", record({ firstName: "\x7f" }), "none", 5],
  ["an ej6 name that begins with a control character", batch(2, { firstName: "\n" }), "none", 9],
  ["65,536 bets", u32(1, 65_536, 1), "none", 6],
  ["a record of agency 65,536", u32(1, 1, 65_536), "none", 10],
  ["text", Buffer.from("BET\n"), "none", 1],
  ["a packet of tlv", Buffer.from("0300000010", "hex"), "none", 1],
];

describe("the first bytes of fixed70", () => {
  for (const [what, bytes, version, known] of BEGINNINGS) {
    it(`are ${version} for ${what}, known after ${known} bytes and not before`, () => {
      for (let cut = 0; cut <= bytes.length; cut++) {
        const head = bytes.subarray(0, cut);
        assert.equal(versionOf(head, 0, cut), cut < known ? "more" : version, `${cut} bytes`);
        const answer = version === "none" ? "no" : "yes";
        assert.equal(recogniseFixed70(head), cut < known ? "more" : answer, `${cut} bytes`);
      }
    });
  }

  it("are looked at where they lie", () => {
    const bytes = Buffer.concat([Buffer.from("xx"), batch(1)]);
    assert.equal(versionOf(bytes, 2, bytes.length - 2), "ej6");
    assert.equal(versionOf(bytes, 2, 8), "more");
  });
});
