import assert from "node:assert/strict";
import { describe, it } from "node:test";
import {
  AnswerDecoder,
  type Expected,
} from "../../../../src/protocols/dialects/fixed70/answer-decoder.ts";
import { u32 } from "./bytes.ts";

function decode(expected: Expected | undefined, hex: string, onLoneOne?: () => void): unknown[] {
  const decoder = new AnswerDecoder(onLoneOne);
  if (expected !== undefined) decoder.expect(expected);
  return [...decoder.push(Buffer.from(hex, "hex"))].map((decoded) =>
    decoded.kind === "violation" ? decoded.error.code : decoded.message,
  );
}

describe("the central's side of fixed70, decoded", () => {
  it("is a violation when nothing is expected", () => {
    assert.deepEqual(decode(undefined, "00000001"), ["MALFORMED"]);
  });

  for (const [expected, hex] of [
    ["final", "00000000"],
    ["final", "00000002"],
    ["final", "01"],
    ["ej5", "414343"],
    ["ej6", "41434b0d"],
    ["winners", "00400001"],
    ["winners", "ffffffff"],
  ] as const) {
    it(`is a violation when ${expected} is expected and ${hex} comes`, () => {
      assert.deepEqual(decode(expected, hex), ["MALFORMED"]);
    });
  }

  it("is a violation when more comes than is expected", () => {
    assert.deepEqual(decode("final", "0000000100"), [
      { kind: "confirmation", version: "final" },
      "MALFORMED",
    ]);
  });

  it("tells when a 1 is all that has come in place of the winners", () => {
    const decoder = new AnswerDecoder(() => calls++);
    let calls = 0;
    const push = (bytes: Buffer) => [...decoder.push(bytes)].length;
    decoder.expect("winners");
    push(Buffer.of(0, 0));
    assert.deepEqual([decoder.loneOne, decoder.midFrame, calls], [false, true, 0]);
    push(Buffer.of(0, 1));
    assert.deepEqual([decoder.loneOne, decoder.midFrame, calls], [true, true, 1]);
    push(Buffer.of(0));
    assert.equal(decoder.loneOne, false);
    assert.equal(decoder.end()?.code, "FRAME_TRUNCATED");
    assert.equal(push(Buffer.of(0, 0, 5)), 1);
    assert.deepEqual([decoder.loneOne, decoder.midFrame, calls], [false, false, 1]);
    for (const whole of [u32(1, 7), u32(2), u32(0)]) {
      decoder.expect("winners");
      push(whole);
      assert.equal(decoder.loneOne, false);
    }
    assert.equal(calls, 1);
  });

  it("is nothing any more after a violation", () => {
    const decoder = new AnswerDecoder();
    decoder.expect("winners");
    assert.equal([...decoder.push(u32(0xffff_ffff))][0]?.kind, "violation");
    assert.deepEqual([...decoder.push(u32(1))], []);
    assert.deepEqual([decoder.loneOne, decoder.midFrame, decoder.end()], [false, false, undefined]);
  });

  it("forgets a 1 when it expects the winners anew", () => {
    const decoder = new AnswerDecoder();
    decoder.expect("winners");
    assert.deepEqual([...decoder.push(u32(1))], []);
    decoder.expect("winners");
    assert.deepEqual(
      [...decoder.push(u32(1, 30))],
      [{ kind: "message", message: { kind: "winners", documents: ["30"] } }],
    );
  });
});
