import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { createNewlineFieldsClientDecoder } from "../../../../src/protocols/dialects/newline-fields/decode.ts";
import { fromCentral, fromClient } from "./codec.ts";

const ANA = "1\nAna\nPaz\n30000001\n1990-01-31\n7574\n";
const EVA = "1\nEva\nRey, h.\n05123456\n1990-02-01\n0007\n";
const ANA_LINE = "1,Ana,Paz,30000001,1990-01-31,7574\r\n";
const EVA_LINE = '1,Eva,"Rey, h.",05123456,1990-02-01,7\r\n';

const batch = (count: number, lines: string, others: Record<string, unknown> = {}) => ({
  kind: "batch",
  typed: true,
  single: false,
  agency: 1,
  count,
  lines,
  readable: true,
  ...others,
});

describe("the decoder of newline-fields' clients", () => {
  it("makes canonical lines of a batch", () => {
    assert.deepEqual(fromClient(`BET\n${ANA}${EVA}\n`), [batch(2, ANA_LINE + EVA_LINE)]);
  });

  it("makes canonical lines of a batch without a type", () => {
    assert.deepEqual(fromClient(`${ANA}${EVA}\n`), [
      batch(2, ANA_LINE + EVA_LINE, { typed: false }),
    ]);
  });

  it("takes one bet without a type for a single one", () => {
    assert.deepEqual(fromClient(`${ANA}\n`), [batch(1, ANA_LINE, { typed: false, single: true })]);
  });

  it("takes everything else that clients say, back to back", () => {
    assert.deepEqual(fromClient("BET\n\nCONFIRMATION\n12\n\nWINNERS\n4294967295\n\n"), [
      batch(0, "", { agency: Number.NaN }),
      { kind: "confirmation", agency: 12 },
      { kind: "question", agency: 4_294_967_295 },
    ]);
  });

  it("takes the agency's number as a number", () => {
    assert.deepEqual(fromClient("CONFIRMATION\n007\n\n"), [{ kind: "confirmation", agency: 7 }]);
  });

  // What is odd must end as lines that whoever checks them refuses.
  for (const [what, text, expected] of [
    ["an empty field", "BET\n1\nAna\n\n", batch(1, "")],
    ["an empty field in its second bet", `BET\n${ANA}1\nLuz\n\n`, batch(2, ANA_LINE)],
    ["a line too few", `BET\n${ANA}1\nEva\nRey\n1\n1990-02-01\n\n`, batch(2, ANA_LINE)],
    ["a line too many", `BET\n${ANA}Ana\n\n`, batch(2, ANA_LINE)],
    ["only its agency", "BET\n1\n\n", batch(1, "")],
    [
      "an agency that is no number",
      `BET\nx\nAna\nPaz\n1\n1990-01-31\n1\n\n`,
      batch(1, "x,Ana,Paz,1,1990-01-31,1\r\n", { agency: Number.NaN }),
    ],
    [
      "signs and spaces in its numbers",
      "BET\n1\nAna\nPaz\n 1\n1990-01-31\n+1\n\n",
      batch(1, "1,Ana,Paz, 1,1990-01-31,+1\r\n"),
    ],
    [
      "a CR before every LF",
      "BET\n1\r\nAna\r\nPaz\r\n1\r\n1990-01-31\r\n1\r\n\n",
      batch(1, '?,"Ana\r","Paz\r",?,?,?\r\n', { agency: Number.NaN }),
    ],
    [
      "a half letter in a name",
      Buffer.from("BET\n1\nA\u00f1a\nPaz\n1\n1990-01-31\n1\n\n", "latin1"),
      batch(1, "1,A\ufffda,Paz,1,1990-01-31,1\r\n", { readable: false }),
    ],
  ] as const) {
    it(`gives what there is of a batch with ${what}`, () => {
      assert.deepEqual(fromClient(text), [expected]);
    });
  }

  for (const [what, text] of [
    ["another first line", "ADIOS\n1\n\n"],
    ["a type with a CR behind it", "WINNERS\r\n1\r\n\n"],
    ["a type in small letters", "bet\n\n"],
    ["no first line", "\n\n"],
    ["a first line of eleven digits", `12345678901\n${ANA}\n`],
  ] as const) {
    it(`refuses ${what}`, () => {
      assert.deepEqual(fromClient(text), ["UNKNOWN_TYPE"]);
    });
  }

  for (const [what, text] of [
    ["a confirmation without a number", "CONFIRMATION\n\n"],
    ["a confirmation of what is no number", "CONFIRMATION\none\n\n"],
    ["a question with two numbers", "WINNERS\n1\n2\n\n"],
    ["a question with a negative number", "WINNERS\n-1\n\n"],
  ] as const) {
    it(`refuses ${what}`, () => {
      assert.deepEqual(fromClient(text), ["MALFORMED"]);
    });
  }

  for (const text of ["CONFIRMATION\n\xff\n\n", "WINNERS\n\xff\n\n", "\xff\n\n"]) {
    it(`tells that ${JSON.stringify(text)} cannot be read`, () => {
      assert.deepEqual(fromClient(Buffer.from(text, "latin1")), [{ kind: "unreadable" }]);
    });
  }

  it("takes a message of exactly the limit, and none longer, ended or not", () => {
    for (const [text, expected] of [
      [messageOf(40), "message"],
      [messageOf(41), "FRAME_TOO_LARGE"],
      [messageOf(41).slice(0, 40), "FRAME_TOO_LARGE"],
      [messageOf(100).slice(0, 60), "FRAME_TOO_LARGE"],
    ] as const) {
      for (const chunks of [[text], text.split("")]) {
        const decoder = createNewlineFieldsClientDecoder({ frameBytesMax: 40 });
        const seen = chunks.flatMap((chunk) => [...decoder.push(Buffer.from(chunk))]);
        assert.deepEqual(
          seen.map((each) => (each.kind === "violation" ? each.error.code : each.kind)),
          [expected],
        );
      }
    }
  });

  it("tells an end within a message", () => {
    const decoder = createNewlineFieldsClientDecoder({ frameBytesMax: 100 });
    assert.equal(decoder.end(), undefined);
    assert.deepEqual([...decoder.push(Buffer.from("BET\n1\nAna\n"))], []);
    assert.equal(decoder.midFrame, true);
    assert.equal(decoder.end()?.code, "FRAME_TRUNCATED");
  });
});

describe("the decoder of newline-fields' centrals", () => {
  it("takes every answer", () => {
    for (const [text, message] of [
      ["Success :)\n\n", { kind: "stored" }],
      ["OK\n\n", { kind: "noted" }],
      ["Error al recibir msg :(\n\n", { kind: "unreadable" }],
      ["30904465\n05123456\n\n\n", { kind: "winners", documents: ["30904465", "05123456"] }],
      ["30904465\n\n", { kind: "winners", documents: ["30904465"] }],
      ["\n\n\n", { kind: "winners", documents: [] }],
      ["\n\n", { kind: "winners", documents: [] }],
    ] as const) {
      assert.deepEqual(fromCentral(text), [message]);
      assert.deepEqual(fromCentral(...text.split("")), [message]);
    }
  });

  it("takes answers that come together", () => {
    assert.deepEqual(fromCentral("Success :)\n\nSuccess :)\n\nOK\n\n1\n\n\n"), [
      { kind: "stored" },
      { kind: "stored" },
      { kind: "noted" },
      { kind: "winners", documents: ["1"] },
    ]);
  });

  for (const text of ["Success\n\n", "ok\n\n", "30904465\nAna\n\n", "HTTP/1.1 400\n\n", " \n\n"]) {
    it(`refuses ${JSON.stringify(text)}`, () => {
      assert.deepEqual(fromCentral(text), ["MALFORMED"]);
    });
  }
});

/** A batch that is so many bytes long. */
function messageOf(bytes: number): string {
  return `BET\n1\n${"a".repeat(bytes - 8)}\n\n`;
}
