import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { createMd5FramesClientDecoder } from "../../../../src/protocols/dialects/md5-frames/decode.ts";
import { frame, fromCentral, fromClient, identifierIn, md5 } from "./codec.ts";

const ANA = "{agency:1,nombre:Ana,apellido:Paz,dni:30000001,nacimiento:1990-01-31,numero:7574}";
const LUZ = "{agency:1,nombre:Luz,apellido:,dni:05123456,nacimiento:1990-02-01,numero:0007}";
const ANA_LINE = "1,Ana,Paz,30000001,1990-01-31,7574\r\n";
const LUZ_LINE = "1,Luz,,05123456,1990-02-01,7\r\n";

const linesOf = (type: number, payload: string): unknown => {
  const [seen] = fromClient(frame(type, payload));
  return typeof seen === "object" ? [seen["agency"], seen["count"], seen["lines"]] : seen;
};

describe("the decoder of md5-frames' clients", () => {
  it("makes canonical lines of a batch", () => {
    const payload = `${ANA}|${LUZ}`;
    assert.deepEqual(fromClient(frame(3, payload)), [
      {
        kind: "batch",
        identifier: md5(payload).toString("hex"),
        single: false,
        agency: 1,
        count: 2,
        lines: ANA_LINE + LUZ_LINE,
      },
    ]);
  });

  it("makes a canonical line of a single bet, in which a bar is nothing special", () => {
    assert.deepEqual(fromClient(frame(1, ANA.replace("Paz", "P|z"))), [
      {
        kind: "batch",
        identifier: md5(ANA.replace("Paz", "P|z")).toString("hex"),
        single: true,
        agency: 1,
        count: 1,
        lines: ANA_LINE.replace("Paz", "P|z"),
      },
    ]);
  });

  it("takes the end of bets and the question, with any identifier", () => {
    const identifier = Buffer.alloc(16, 0xab);
    assert.deepEqual(
      fromClient(frame(4, "{agency:12}", identifier), frame(5, "{agency:4294967295}", identifier)),
      [
        { kind: "done", identifier: "ab".repeat(16), agency: 12 },
        { kind: "question", identifier: "ab".repeat(16), agency: 4_294_967_295 },
      ],
    );
  });

  for (const [what, payload] of [
    [
      "keys in another order",
      "{numero:7574,dni:30000001,apellido:Paz,agency:1,nombre:Ana,nacimiento:1990-01-31}",
    ],
    [
      "keys that it does not know",
      ANA.replace("nombre", "color:blue,nombre").replace("}", ",:,x:y:z}"),
    ],
    ["a key that comes again", ANA.replace("nombre", "nombre:Eva,nombre")],
    ["white space around keys and values", ANA.replaceAll(":", " : ").replaceAll(",", "\t,\u00a0")],
    ["braces, spaces and line ends around it", ` \n{{${ANA}}}\n\n `],
    ["no braces", ANA.slice(1, -1)],
  ] as const) {
    it(`takes a bet with ${what}`, () => {
      assert.deepEqual(linesOf(3, payload), [1, 1, ANA_LINE]);
      assert.deepEqual(linesOf(1, payload), [1, 1, ANA_LINE]);
      assert.deepEqual(linesOf(3, `${ANA}|${payload}`), [1, 2, ANA_LINE + ANA_LINE]);
    });
  }

  it("keeps colons, braces and quotes within a value", () => {
    const odd = ANA.replace("Ana", '{A:"na"}');
    assert.deepEqual(linesOf(3, odd), [1, 1, ANA_LINE.replace("Ana", '"{A:""na""}"')]);
  });

  // What is odd must end as lines that whoever checks them refuses.
  for (const [what, payload, expected] of [
    ["without a payload", "", [0, 1, "\r\n"]],
    ["without a key", ANA.replace("dni:30000001,", ""), [1, 1, "?\r\n"]],
    ["with a comma in a name", ANA.replace("Ana", "A,na"), [0, 1, "?\r\n"]],
    ["with a bar in a name", ANA.replace("Ana", "A|na"), [1, 2, "?\r\n?\r\n"]],
    ["with a bar behind it", `${ANA}|`, [1, 2, `${ANA_LINE}\r\n`]],
    ["with a bar before it", `|${ANA}`, [0, 2, `\r\n${ANA_LINE}`]],
    ["with a comma behind the last pair", ANA.replace("}", ",}"), [0, 1, "?\r\n"]],
    ["whose agency is no number", ANA.replace("1", "x"), [0, 1, ANA_LINE.replace("1", "?")]],
    ["whose agency is empty", ANA.replace(":1", ":"), [0, 1, ANA_LINE.replace("1,", ",")]],
    [
      "whose number is a float",
      ANA.replace("7574", "75.74"),
      [1, 1, ANA_LINE.replace("7574", "?")],
    ],
    ["of digits only", "12345", [0, 1, "12345\r\n"]],
    [
      "with a line in a name",
      ANA.replace("Ana", "A\r\nB"),
      [1, 1, ANA_LINE.replace("Ana", '"A\r\nB"')],
    ],
  ] as const) {
    it(`gives what there is of a batch ${what}`, () => {
      assert.deepEqual(linesOf(3, payload), expected);
    });
  }

  it("tells no agency where a payload has none", () => {
    for (const payload of [
      "",
      "{agency:}",
      "{agency:x}",
      "{agencia:1}",
      "{agency}",
      "{agency:1,}",
    ]) {
      assert.equal((fromClient(frame(4, payload))[0] as { agency: number }).agency, 0, payload);
    }
    assert.equal((fromClient(frame(5, " { x:2, agency : 7 }"))[0] as { agency: number }).agency, 7);
  });

  for (const type of [0, 2, 6, 7, 256, 259, 65_535]) {
    it(`refuses type ${type}`, () => {
      assert.deepEqual(fromClient(frame(type, ANA)), ["UNKNOWN_TYPE"]);
    });
  }

  it("refuses a length that leaves no room for type and identifier", () => {
    for (const length of [0, 1, 17]) {
      const bytes = frame(4, "{agency:1}");
      bytes.writeUInt32BE(length);
      assert.deepEqual(fromClient(bytes), ["MALFORMED"]);
    }
  });

  it("refuses a length over the limit from its four bytes alone", () => {
    const limits = { frameBytesMax: 40 };
    assert.deepEqual([...createMd5FramesClientDecoder(limits).push(lengthOf(36))], []);
    for (const length of [37, 0xffff_ffff]) {
      const [decoded] = createMd5FramesClientDecoder(limits).push(lengthOf(length));
      assert.equal(decoded?.kind === "violation" && decoded.error.code, "FRAME_TOO_LARGE");
    }
  });

  it("tells an end within a frame", () => {
    const decoder = createMd5FramesClientDecoder({ frameBytesMax: 100 });
    assert.deepEqual([...decoder.push(frame(5, "{agency:1}").subarray(0, 25))], []);
    assert.equal(decoder.midFrame, true);
    assert.equal(decoder.end()?.code, "FRAME_TRUNCATED");
  });
});

describe("the decoder of md5-frames' centrals", () => {
  it("takes every answer", () => {
    const answers = [
      [2, "{result:success}", { kind: "success" }],
      [2, "{result:failure}", { kind: "failure" }],
      [6, "{result:in_progress}", { kind: "in-progress" }],
      [6, "{result:failure}", { kind: "question-failure" }],
      [6, "{ganadores:}", { kind: "winners", documents: [] }],
      [6, "{ganadores:1}", { kind: "winners", documents: ["1"] }],
      [
        6,
        "{ganadores:30904465|05123456}",
        { kind: "winners", documents: ["30904465", "05123456"] },
      ],
    ] as const;
    for (const [type, payload, expected] of answers) {
      const bytes = frame(type, payload);
      const identifier = identifierIn(bytes).toString("hex");
      assert.deepEqual(fromCentral(bytes), [{ ...expected, identifier }]);
    }
  });

  for (const [what, bytes, code] of [
    ["a type that no central has", frame(3, "{result:success}"), "UNKNOWN_TYPE"],
    ["in progress to bets", frame(2, "{result:in_progress}"), "MALFORMED"],
    ["success to a question", frame(6, "{result:success}"), "MALFORMED"],
    ["winners to bets", frame(2, "{ganadores:}"), "MALFORMED"],
    ["winners without an end", frame(6, "{ganadores:1"), "MALFORMED"],
    ["no payload", frame(2, ""), "MALFORMED"],
    ["a length over the limit", lengthOf(0xffff_ffff), "FRAME_TOO_LARGE"],
    ["a length that is too small", lengthOf(17), "MALFORMED"],
  ] as const) {
    it(`refuses ${what}`, () => {
      assert.deepEqual(fromCentral(bytes), [code]);
    });
  }
});

function lengthOf(length: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(length);
  return bytes;
}
