import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { createFixed70ClientDecoder } from "../../../../src/protocols/dialects/fixed70/decode.ts";
import { batch, record, u32, ZERO } from "./bytes.ts";
import { decodeAll, seenOf } from "./codec.ts";

const LINES = "1,Ana,Paz,30000000,1990-01-31,7\r\n1,Ana,Paz,30000001,1990-01-31,7\r\n";

describe("the client's side of fixed70, decoded", () => {
  it("is a batch with the hello's agency, then batches of the same", () => {
    const bytes = Buffer.concat([u32(1), batch(2), batch(2, { agency: 3 }), ZERO]);
    assert.deepEqual(decodeAll([bytes]).messages, [
      { kind: "batch", version: "final", agency: 1, count: 2, lines: LINES },
      {
        kind: "batch",
        version: "final",
        agency: 1,
        count: 2,
        lines: LINES.replaceAll("1,Ana", "3,Ana"),
      },
      { kind: "zero", version: "final", agency: 1 },
    ]);
  });

  it("is a batch with its first record's agency in ej6", () => {
    assert.deepEqual(decodeAll([Buffer.concat([batch(2), ZERO])]).messages, [
      { kind: "batch", version: "ej6", agency: 1, count: 2, lines: LINES },
      { kind: "zero", version: "ej6", agency: 0 },
    ]);
  });

  it("is a batch of one in ej5", () => {
    const [message] = decodeAll([record({ document: 30_000_000 })]).messages;
    const lines = LINES.slice(0, LINES.length / 2);
    assert.deepEqual(message, { kind: "batch", version: "ej5", agency: 1, count: 1, lines });
  });

  for (const [what, fields, line] of [
    [
      "the longest fields",
      { firstName: "Ñ".repeat(12), lastName: "x".repeat(24) },
      `1,${"Ñ".repeat(12)},${"x".repeat(24)},30000000,1990-01-31,7`,
    ],
    [
      "NULs at both ends",
      { firstName: "\0\0Ana", lastName: "\0Paz" },
      "1,Ana,Paz,30000000,1990-01-31,7",
    ],
    ["no last name", { lastName: "" }, "1,Ana,,30000000,1990-01-31,7"],
    [
      "the largest integers",
      { agency: 0xffff, document: 0xffff_ffff, number: 0xffff_ffff },
      "65535,Ana,Paz,4294967295,1990-01-31,4294967295",
    ],
    ["the smallest integers", { document: 0, number: 0 }, "1,Ana,Paz,0,1990-01-31,0"],
    ["a short birthdate", { birthdate: "1990" }, "1,Ana,Paz,30000000,1990,7"],
    ["a birthdate that is none", { birthdate: "31/01/1990" }, "1,Ana,Paz,30000000,?,7"],
    ["a comma and a quote", { firstName: 'A,"b' }, '1,"A,""b",Paz,30000000,1990-01-31,7'],
  ] as const) {
    it(`makes a line of ${what}`, () => {
      const bytes = batch(1, fields);
      const [message] = decodeAll([u32(1), bytes]).messages;
      assert.ok(message?.kind === "batch");
      assert.equal(message.lines, `${line}\r\n`);
    });
  }

  it("ends with a violation before it keeps a batch over the limit", () => {
    for (const [count, ends] of [
      [2, false],
      [3, true],
    ] as const) {
      const decoder = createFixed70ClientDecoder({ courseFrameBytesMax: 4 + 2 * 70 });
      const seen = [...decoder.push(Buffer.concat([u32(1), u32(count, 1)]))].map(seenOf);
      assert.deepEqual(seen, ends ? ["FRAME_TOO_LARGE"] : []);
      assert.equal(decoder.midFrame, !ends);
    }
  });

  it("says that it ends within a message", () => {
    const decoder = createFixed70ClientDecoder({ courseFrameBytesMax: 8192 });
    assert.equal(decoder.end(), undefined);
    for (const cut of [1, 3, 4, 7, 8, 11, 12, 100]) {
      const cutDecoder = createFixed70ClientDecoder({ courseFrameBytesMax: 8192 });
      assert.deepEqual(
        [...cutDecoder.push(Buffer.concat([u32(1), batch(2)]).subarray(0, cut))],
        [],
      );
      assert.equal(cutDecoder.end()?.code, "FRAME_TRUNCATED", `${cut} bytes`);
    }
  });

  it("is of no version where the recogniser would have said no", () => {
    assert.deepEqual(decodeAll([Buffer.from("hello")]), { messages: [], violation: "MALFORMED" });
  });
});
