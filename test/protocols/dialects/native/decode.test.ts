import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { ProtocolError } from "../../../../src/protocols/protocol-error.ts";
import { createClientDecoder } from "../../../../src/protocols/dialects/native/decode.ts";
import { FrameReader } from "../../../../src/protocols/kit/frame-reader.ts";
import { NativeFrames } from "../../../../src/protocols/dialects/native/wire.ts";
import { decodeAll, decoderFor, type Sender } from "./codec.ts";
import { parseHex } from "./golden.ts";

const HEAD = "00".repeat(32);

/** Length, type and body of a frame. */
function frame(type: string, body: string): Buffer {
  const rest = parseHex(type + body);
  const length = Buffer.alloc(4);
  length.writeUInt32BE(rest.length);
  return Buffer.concat([length, rest]);
}

function violationOf(sender: Sender, bytes: Buffer, frameBytesMax?: number): ProtocolError {
  const [decoded, ...others] = decodeAll(decoderFor(sender, frameBytesMax), [bytes]);
  assert.equal(decoded?.kind, "violation");
  assert.deepEqual(others, []);
  return decoded.error;
}

describe("decoding refuses", () => {
  const malformed: [Sender, string, Buffer, string][] = [
    ["client", "a length of 0", parseHex("00000000"), "Cannot decode frame: length is 0, min is 1"],
    [
      "client",
      "a sequence of 0",
      frame("02", "0000000000000000 0001"),
      "Cannot decode BATCH: sequence is 0, min is 1",
    ],
    [
      "client",
      "a count of 0",
      frame("02", "0000000000000001 0000 31"),
      "Cannot decode BATCH: count is 0, min is 1",
    ],
    [
      "client",
      "a number above 2^53 - 1",
      frame("03", "0020000000000000 31"),
      "Cannot decode BET: sequence is above 2^53 - 1",
    ],
    [
      "client",
      "a body that is too short",
      frame("05", "0000"),
      "Cannot decode PING: 2 bytes are missing",
    ],
    ["client", "an empty body", frame("04", ""), "Cannot decode DONE: 8 bytes are missing"],
    [
      "client",
      "a body that is too long",
      frame("05", "0000000000"),
      "Cannot decode PING: 1 byte is left over",
    ],
    [
      "client",
      "a field that is longer than its body",
      frame("01", "00000001 05 31"),
      "Cannot decode HELLO: 4 bytes are missing",
    ],
    [
      "client",
      "a name that is not UTF-8",
      frame("01", "00000001 01 ff 0000"),
      "Cannot decode HELLO: draw is not valid UTF-8",
    ],
    [
      "central",
      "an unknown state",
      frame("81", "00 03 00"),
      "Cannot decode WELCOME: state 3 is unknown",
    ],
    [
      "central",
      "a next sequence of 0",
      frame("81", `00 00 00 0000000000000000 0000000000000000 ${HEAD} 0040 00002000`),
      "Cannot decode WELCOME: next sequence is 0, min is 1",
    ],
    [
      "central",
      "a window of 0",
      frame("81", `00 00 00 0000000000000001 0000000000000000 ${HEAD} 0000 00002000`),
      "Cannot decode WELCOME: window is 0, min is 1",
    ],
    [
      "central",
      "an unknown reject code",
      frame("83", "0000000000000001 05 ffff 00 0000"),
      "Cannot decode REJECT: code 5 is unknown",
    ],
    [
      "central",
      "reject code 0",
      frame("83", "0000000000000001 00 ffff 00 0000"),
      "Cannot decode REJECT: code 0 is unknown",
    ],
    [
      "central",
      "an unknown field",
      frame("83", "0000000000000001 01 ffff 08 0000"),
      "Cannot decode REJECT: field 8 is unknown",
    ],
    [
      "central",
      "an unknown error code",
      frame("86", "0e 01 0000"),
      "Cannot decode ERROR: code 14 is unknown",
    ],
    [
      "central",
      "a fatal of 2",
      frame("86", "01 02 0000"),
      "Cannot decode ERROR: fatal is 2, max is 1",
    ],
  ];
  for (const [sender, what, bytes, message] of malformed) {
    it(what, () => {
      const error = violationOf(sender, bytes);
      assert.equal(error.code, "MALFORMED");
      assert.equal(error.message, message);
    });
  }

  it("types that nobody has", () => {
    for (const type of ["00", "08", "80", "8a", "ff"]) {
      assert.equal(violationOf("client", frame(type, "")).code, "UNKNOWN_TYPE");
      assert.equal(violationOf("central", frame(type, "")).code, "UNKNOWN_TYPE");
    }
  });

  it("types that the other side sends", () => {
    const error = violationOf("client", frame("82", ""));
    assert.equal(error.code, "UNEXPECTED_MESSAGE");
    assert.equal(error.message, "Cannot take ACK: it is the central's to send");
    assert.equal(violationOf("central", frame("02", "")).code, "UNEXPECTED_MESSAGE");
  });

  it("a wrong preface, at the first wrong byte", () => {
    const decoder = createClientDecoder({ frameBytesMax: 8192 });
    const [decoded] = decodeAll(decoder, [Buffer.from("QN"), Buffer.from("X")]);
    assert.equal(
      decoded?.kind === "violation" && decoded.error.message,
      "Cannot decode preface: byte 2 is 88",
    );
  });

  it("everything after a violation", () => {
    const decoder = decoderFor("client");
    const ping = frame("05", "00000001");
    const all = decodeAll(decoder, [Buffer.concat([ping, frame("77", ""), ping]), ping]);
    assert.deepEqual(
      all.map(({ kind }) => kind),
      ["message", "violation"],
    );
    assert.equal(decoder.midFrame, false);
    assert.equal(decoder.end(), undefined);
  });
});

describe("decoding takes", () => {
  it("flags that it does not know", () => {
    const ack = frame("82", `0000000000000001 ${HEAD} fe`);
    const [decoded] = decodeAll(decoderFor("central"), [ack]);
    assert.equal(
      decoded?.kind === "message" && decoded.message.kind === "ack" && decoded.message.done,
      false,
    );
  });

  it("a frame of exactly the limit and refuses one byte more", () => {
    const largest = frame("03", `0000000000000001 ${"31".repeat(100 - 13)}`);
    assert.equal(largest.length, 100);
    const [decoded] = decodeAll(decoderFor("client", 100), [largest]);
    assert.equal(decoded?.kind, "message");
    const error = violationOf("client", largest, 99);
    assert.equal(error.code, "FRAME_TOO_LARGE");
    assert.equal(error.message, "Cannot decode frame: it has 100 bytes, max is 99");
  });
});

describe("a frame reader", () => {
  const frames = new NativeFrames(8192, (frame) => frame);

  it("gives views of the chunk for frames that lie whole in it", () => {
    const chunk = frame("05", "00000001");
    const reader = new FrameReader(frames);
    reader.feed(chunk);
    assert.equal(reader.next()?.buffer, chunk.buffer);
    assert.equal(reader.next(), undefined);
  });

  it("refuses a huge length on its fourth byte, before anything is kept for it", () => {
    for (const length of [8189, 0x7fff_ffff, 0xffff_ffff]) {
      const bytes = Buffer.alloc(4);
      bytes.writeUInt32BE(length);
      const reader = new FrameReader(frames);
      const before = process.memoryUsage().arrayBuffers;
      for (const byte of bytes.subarray(0, 3)) {
        reader.feed(Buffer.of(byte));
        assert.equal(reader.next(), undefined);
      }
      reader.feed(bytes.subarray(3));
      assert.throws(() => reader.next(), { code: "FRAME_TOO_LARGE" });
      assert.ok(process.memoryUsage().arrayBuffers - before < 1 << 20);
    }
  });

  it("takes chunks that are not Buffers", () => {
    const bytes = Uint8Array.from([9, ...frame("05", "00000001"), 9]);
    const reader = new FrameReader(frames);
    reader.feed(bytes.subarray(1, -1));
    assert.deepEqual(reader.next(), frame("05", "00000001"));
    assert.equal(reader.midFrame, false);
  });
});
