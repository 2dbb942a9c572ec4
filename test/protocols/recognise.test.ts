import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { RECOGNISE_BYTES_MAX } from "../../src/limits.ts";
import { createEchoDialect } from "../../src/protocols/dialects/echo/dialect.ts";
import { nativeDialect } from "../../src/protocols/dialects/native/dialect.ts";
import { recogniser } from "../../src/protocols/recognise.ts";

const exercise = createEchoDialect({ anyLine: false });
const anyLine = createEchoDialect({ anyLine: true });
const lottery = recogniser([nativeDialect, exercise]);

function told(recognise: ReturnType<typeof recogniser>, text: string, complete = false): string {
  const recognised = recognise(Buffer.from(text, "latin1"), complete);
  return recognised.kind === "dialect" ? recognised.dialect.name : recognised.kind;
}

describe("a recogniser", () => {
  it("asks for more while the bytes may become a dialect's, from the first byte on", () => {
    for (const head of ["", "Q", "QN", "QNL", "[", "[CLIENT"])
      assert.equal(told(lottery, head), "more");
  });

  it("tells the dialect as soon as its beginning is whole, whatever follows", () => {
    for (const head of ["QNL1", "QNL1\0\0\0\x08"]) assert.equal(told(lottery, head), "native");
    for (const head of ["[CLIENT ", "[CLIENT 1] Message"])
      assert.equal(told(lottery, head), "echo");
  });

  it("knows strangers at their first wrong byte", () => {
    for (const head of ["G", "QNL2", "QNX", "[CLIENT_", "\0"]) {
      assert.equal(told(lottery, head), "unknown");
    }
  });

  it("takes a dialect that takes anything only after the others have said no", () => {
    const both = recogniser([nativeDialect, anyLine]);
    assert.equal(told(both, "QNL"), "more");
    assert.equal(told(both, "QNL1"), "native");
    assert.equal(told(both, "QNL\n"), "echo");
    assert.equal(told(both, ""), "more");
  });

  it("names a dialect that is not to be spoken, once those that are have said no", () => {
    const without = recogniser([nativeDialect], [exercise]);
    for (const head of ["", "Q", "QNL", "[", "[CLIENT"]) assert.equal(told(without, head), "more");
    assert.deepEqual(without(Buffer.from("[CLIENT 1]")), { kind: "disabled", dialect: exercise });
    assert.equal(told(without, "QNL1"), "native");
    assert.equal(told(without, "["), "more");
    assert.equal(told(without, "[", true), "unknown");
    assert.equal(told(recogniser([anyLine], [nativeDialect]), "QNL1"), "echo");
  });

  it("does not wait for more when there will not be more", () => {
    assert.equal(told(recogniser([nativeDialect, anyLine]), "QNL", true), "echo");
    assert.equal(told(lottery, "QNL", true), "unknown");
  });

  it("does not wait for ever for a dialect that cannot make up its mind", () => {
    const undecided = { ...nativeDialect, recognise: () => "more" as const };
    const recognise = recogniser([undecided, exercise]);
    const line = "[CLIENT 1] ".padEnd(RECOGNISE_BYTES_MAX, "x");
    assert.equal(told(recognise, line.slice(0, -1)), "more");
    assert.equal(told(recognise, line), "echo");
    assert.equal(told(recogniser([undecided]), line), "unknown");
  });
});
