import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { createTlvClientDecoder } from "../../../../src/protocols/dialects/tlv/decode.ts";
import { fromCentral, fromClient, packet } from "./codec.ts";

const ANA = "1#Ana#Paz#30000001#1990-01-31#7574#";
const LUZ = "1#Luz##05123456#1990-02-01#0007#";
const ANA_LINE = "1,Ana,Paz,30000001,1990-01-31,7574\r\n";
const LUZ_LINE = "1,Luz,,05123456,1990-02-01,7\r\n";

const batch = (count: number, lines: string, agency = 1, single = false) => ({
  kind: "batch",
  single,
  agency,
  count,
  lines,
});

describe("the decoder of tlv's clients", () => {
  it("makes canonical lines of a batch", () => {
    assert.deepEqual(fromClient(packet(3, `2#@0#${ANA}@1#${LUZ}`)), [
      batch(2, ANA_LINE + LUZ_LINE),
    ]);
  });

  it("makes a canonical line of a single bet", () => {
    assert.deepEqual(fromClient(packet(1, ANA)), [batch(1, ANA_LINE, 1, true)]);
  });

  it("quotes names as CSV asks", () => {
    assert.deepEqual(fromClient(packet(1, '1#Ana, "la"#Paz@0#1#1990-01-31#1#')), [
      batch(1, '1,"Ana, ""la""",Paz@0,1,1990-01-31,1\r\n', 1, true),
    ]);
  });

  it("takes everything else that clients say", () => {
    assert.deepEqual(
      fromClient(packet(3, "0#"), packet(5, "12#"), packet(6, "4294967295#"), packet(0, "")),
      [
        { kind: "empty-batch" },
        { kind: "done", agency: 12 },
        { kind: "question", agency: 4_294_967_295 },
        { kind: "close" },
      ],
    );
  });

  it("skips packets of other codes, with their bodies", () => {
    const others = [2, 4, 7, 8, 9, 255].map((code) => packet(code, "ignored#"));
    assert.deepEqual(fromClient(Buffer.concat([...others, packet(5, "1#")])), [
      { kind: "done", agency: 1 },
    ]);
  });

  it("counts markers in plain decimal", () => {
    const many = Array.from({ length: 120 }, (_, index) => `@${index}#${ANA}`).join("");
    assert.deepEqual(fromClient(packet(3, `120#${many}`)), [batch(120, ANA_LINE.repeat(120))]);
  });

  // What is odd must end as lines that whoever checks them refuses.
  for (const [what, body, expected] of [
    ["fewer bets than announced", `3#@0#${ANA}@1#${LUZ}`, batch(3, ANA_LINE + LUZ_LINE)],
    ["more bets than announced", `1#@0#${ANA}@1#${LUZ}`, batch(1, `${ANA_LINE}?\r\n`)],
    ["none of the bets announced", "2#", batch(2, "", 0)],
    ["a count of 0 with bets behind it", `0#@0#${ANA}`, batch(0, "?\r\n")],
    ["a wrong marker", `2#@0#${ANA}@2#${LUZ}`, batch(2, `${ANA_LINE}?\r\n`)],
    ["a marker with a leading zero", `1#@00#${ANA}`, batch(1, "?\r\n", 0)],
    ["a marker that is no number", `1#@/#${ANA}`, batch(1, "?\r\n", 0)],
    ["a marker without a number", `1#@#${ANA}`, batch(1, "?\r\n", 0)],
    [
      "a marker that only adds up",
      `10#${nine()}@1/#${ANA}`,
      batch(10, `${ANA_LINE.repeat(9)}?\r\n`),
    ],
    ["no marker", `1#${ANA}`, batch(1, "?\r\n", 0)],
    ["a field too few", "1#@0#1#Ana#30000001#1990-01-31#7574#", batch(1, "?\r\n")],
    [
      "a # in a name",
      `1#@0#1#A#na#Paz#1#1990-01-31#7574#`,
      batch(1, "1,A,na,Paz,1,1990-01-31\r\n?\r\n"),
    ],
    [
      "an agency that is no number",
      "1#@0#x#Ana#Paz#1#1990-01-31#1#",
      batch(1, "x,Ana,Paz,1,1990-01-31,1\r\n", 0),
    ],
    ["no last #", `1#@0#${ANA.slice(0, -1)}`, batch(1, "?\r\n")],
    [
      "a line in a name",
      "1#@0#1#A\r\nB#Paz#1#1990-01-31#1#",
      batch(1, '1,"A\r\nB",Paz,1,1990-01-31,1\r\n'),
    ],
  ] as const) {
    it(`gives what there is of a batch with ${what}`, () => {
      assert.deepEqual(fromClient(packet(3, body)), [expected]);
    });
  }

  it("gives what there is of a single bet with too few or too many fields", () => {
    assert.deepEqual(fromClient(packet(1, "1#Ana#")), [batch(1, "?\r\n", 1, true)]);
    assert.deepEqual(fromClient(packet(1, `${ANA}7#`)), [batch(1, `${ANA_LINE}?\r\n`, 1, true)]);
    assert.deepEqual(fromClient(packet(1, "")), [batch(1, "", 0, true)]);
  });

  for (const [what, bytes] of [
    ["a batch whose count is no number", packet(3, `x#@0#${ANA}`)],
    ["a batch without a #", packet(3, "12")],
    ["an empty batch body", packet(3, "")],
    ["a batch whose count comes first as a #", packet(3, "#")],
    ["an end of bets without a #", packet(5, "1")],
    ["an end of bets with more behind it", packet(5, "1#2#")],
    ["an end of bets without a number", packet(5, "#")],
    ["a question with an empty body", packet(6, "")],
    ["a question that is no number", packet(6, "-1#")],
  ] as const) {
    it(`refuses ${what}`, () => {
      assert.deepEqual(fromClient(bytes), ["MALFORMED"]);
    });
  }

  it("refuses a length over the limit from the header alone", () => {
    const limits = { frameBytesMax: 40 };
    assert.deepEqual([...createTlvClientDecoder(limits).push(header(35))], []);
    for (const bodyBytes of [36, 0xffff_ffff]) {
      const [decoded] = createTlvClientDecoder(limits).push(header(bodyBytes));
      assert.equal(decoded?.kind === "violation" && decoded.error.code, "FRAME_TOO_LARGE");
    }
  });

  it("tells an end within a packet", () => {
    const decoder = createTlvClientDecoder({ frameBytesMax: 100 });
    assert.deepEqual([...decoder.push(packet(5, "1#").subarray(0, 6))], []);
    assert.equal(decoder.midFrame, true);
    assert.equal(decoder.end()?.code, "FRAME_TRUNCATED");
  });
});

describe("the decoder of tlv's centrals", () => {
  it("takes every answer", () => {
    assert.deepEqual(
      fromCentral(
        packet(2, ""),
        packet(4, "Error al procesar el batch enviado"),
        packet(7, "30904465#05123456#"),
        packet(7, "#"),
        packet(7, ""),
        packet(8, ""),
      ),
      [
        { kind: "ok" },
        { kind: "refused", text: "Error al procesar el batch enviado" },
        { kind: "winners", documents: ["30904465", "05123456"] },
        { kind: "winners", documents: [] },
        { kind: "winners", documents: [] },
        { kind: "not-yet" },
      ],
    );
  });

  for (const [what, bytes, code] of [
    ["a code that no central has", packet(3, "1#"), "UNKNOWN_TYPE"],
    ["a confirmation with a body", packet(2, "x"), "MALFORMED"],
    ["a not-yet with a body", packet(8, "x"), "MALFORMED"],
    ["winners without the last #", packet(7, "1#2"), "MALFORMED"],
    ["text that is not UTF-8", packet(4, Buffer.from("ff", "hex")), "MALFORMED"],
    ["a length over the limit", Buffer.from("07ffffffff", "hex"), "FRAME_TOO_LARGE"],
  ] as const) {
    it(`refuses ${what}`, () => {
      assert.deepEqual(fromCentral(bytes), [code]);
    });
  }
});

function nine(): string {
  return Array.from({ length: 9 }, (_, index) => `@${index}#${ANA}`).join("");
}

function header(bodyBytes: number): Buffer {
  const bytes = Buffer.from("0500000000", "hex");
  bytes.writeUInt32BE(bodyBytes, 1);
  return bytes;
}
