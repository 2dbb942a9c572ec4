import assert from "node:assert/strict";
import { describe, it } from "node:test";
import {
  formatReceipt,
  parseReceipts,
  type Receipt,
  RECEIPTS_HEADER,
} from "../../src/lottery/receipt.ts";

const receipt = (sequence: number, more: Partial<Receipt> = {}): Receipt => ({
  draw: "2026-12-01-nocturna",
  agency: 7,
  sequence,
  bets: 100,
  linesHash: "ab".repeat(32),
  head: `${sequence}`.repeat(64),
  ...more,
});
const [ONE, TWO] = [receipt(1), receipt(2)];
const TEXT = RECEIPTS_HEADER + formatReceipt(ONE) + formatReceipt(TWO);

describe("a file of receipts", () => {
  it("has a header and one line for each batch", () => {
    assert.equal(
      formatReceipt(ONE),
      `2026-12-01-nocturna,7,1,100,${"ab".repeat(32)},${"1".repeat(64)}\n`,
    );
    assert.deepEqual(parseReceipts(TEXT), { receipts: [ONE, TWO], wholeBytes: TEXT.length });
    assert.deepEqual(parseReceipts(RECEIPTS_HEADER), {
      receipts: [],
      wholeBytes: RECEIPTS_HEADER.length,
    });
  });

  it("is read up to its last whole line, wherever it is cut", () => {
    for (let bytes = 0; bytes <= TEXT.length; bytes++) {
      const text = TEXT.slice(0, bytes);
      const wholeBytes = text.lastIndexOf("\n") + 1;
      const receipts = [ONE, TWO].slice(0, Math.max(0, text.split("\n").length - 2));
      assert.deepEqual(parseReceipts(text), { receipts, wholeBytes });
    }
  });

  it("is read up to the first zero byte's line, wherever a power cut left zeros", () => {
    for (let from = 0; from < TEXT.length; from++) {
      for (const to of [from + 1, TEXT.length]) {
        const text = TEXT.slice(0, from) + "\0".repeat(to - from) + TEXT.slice(to);
        const before = TEXT.slice(0, from);
        const wholeBytes = before.lastIndexOf("\n") + 1;
        const receipts = [ONE, TWO].slice(0, Math.max(0, before.split("\n").length - 2));
        assert.deepEqual(parseReceipts(text), { receipts, wholeBytes });
      }
    }
  });

  it("counts bytes, also where what was never whole is no text", () => {
    assert.deepEqual(parseReceipts(`${TEXT}ñandú`), {
      receipts: [ONE, TWO],
      wholeBytes: TEXT.length,
    });
  });

  it("is read with 130,000 receipts", () => {
    const lines = Array.from({ length: 130_000 }, (_, index) =>
      formatReceipt({ ...ONE, sequence: index + 1 }),
    );
    const text = RECEIPTS_HEADER + lines.join("");
    const parsed = parseReceipts(text);
    assert.ok("receipts" in parsed);
    assert.equal(parsed.receipts.length, 130_000);
    assert.equal(parsed.wholeBytes, text.length);
  });

  for (const [what, text, line, reason] of [
    ["another file", "Ana,Paz,1,1990-01-31,7\n", 1, "is not the header"],
    ["another file without a line", "notes", 1, "is not the header"],
    ["a number with a zero before it", TEXT.replace(",7,1,", ",7,01,"), 2, "is not a receipt"],
    ["no draw", TEXT.replace("2026-12-01-nocturna", ""), 2, "is not a receipt"],
    ["a line that is no receipt", `${TEXT}x\n`, 4, "is not a receipt"],
    ["an empty line", `${RECEIPTS_HEADER}\n`, 2, "is not a receipt"],
    ["a hash that is too short", TEXT.replace("abab", ""), 2, "is not a receipt"],
    [
      "a gap",
      RECEIPTS_HEADER + formatReceipt(ONE) + formatReceipt(receipt(3)),
      3,
      "is of batch 3, not 2",
    ],
    ["a second copy", TEXT + formatReceipt(TWO), 4, "is of batch 2, not 3"],
    [
      "another draw",
      TEXT + formatReceipt(receipt(3, { draw: "1" })),
      4,
      "is of another draw or agency than the first receipt",
    ],
    [
      "another agency",
      TEXT + formatReceipt(receipt(3, { agency: 8 })),
      4,
      "is of another draw or agency than the first receipt",
    ],
  ] as const) {
    it(`is refused for ${what}, by its line`, () => {
      assert.deepEqual(parseReceipts(text), { line, reason });
    });
  }

  it("are in no file that begins with a zero byte, unless there is nothing else", () => {
    for (const zeros of ["", "\0", "\0\0\0", "draw,ag\0\0"]) {
      assert.deepEqual(
        parseReceipts(zeros),
        { receipts: [], wholeBytes: 0 },
        JSON.stringify(zeros),
      );
    }
    for (const other of ["\0\0\0 ftypmp42", "\0\u0001", "draw,ag\0{}", "\0\u00ff\n"]) {
      assert.deepEqual(parseReceipts(other), { line: 1, reason: "is not the header" });
    }
  });
});
