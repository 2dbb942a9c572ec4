import assert from "node:assert/strict";
import { describe, it } from "node:test";
import * as fc from "fast-check";
import { FrameReader, type Framing, UNKNOWN } from "../../../src/protocols/kit/frame-reader.ts";
import { ProtocolError } from "../../../src/protocols/protocol-error.ts";
import { bytewise, cutAt } from "../cuts.ts";
import { seed, seedNote } from "../../support/seed.ts";

fc.configureGlobal({ seed });

const BYTES_MAX = 100;
const END = 0x0a;

/** Frames that end in LF, of at most so many bytes; counts the bytes that it looks at. */
class Lines implements Framing {
  searched = 0;

  measure(bytes: Buffer, at: number, available: number, examined: number): number {
    const end = bytes.subarray(0, at + available).indexOf(END, at + examined);
    this.searched += (end < 0 ? at + available : end + 1) - (at + examined);
    const size = end < 0 ? available + 1 : end + 1 - at;
    if (size > BYTES_MAX) throw new ProtocolError("FRAME_TOO_LARGE", "Cannot decode line");
    return end < 0 ? UNKNOWN : size;
  }
}

/** Frames whose first byte tells how many follow. */
const COUNTED: Framing = {
  measure: (bytes, at, available) => (available < 1 ? 1 : 1 + (bytes[at] ?? 0)),
};

function readAll(framing: Framing, chunks: readonly Uint8Array[]): string[] {
  const reader = new FrameReader(framing);
  const frames: string[] = [];
  for (const chunk of chunks) {
    // Bytes that are gone afterwards: a frame must not need them.
    const bytes = Buffer.from(chunk);
    reader.feed(bytes);
    for (let frame = reader.next(); frame !== undefined; frame = reader.next()) {
      frames.push(frame.toString("latin1"));
    }
    bytes.fill(0xff);
  }
  return frames;
}

describe(`a frame reader (${seedNote})`, () => {
  it("gives the same frames however the bytes are cut, ended by a mark", () => {
    const line = fc.uint8Array({ maxLength: 60 }).map((bytes) => bytes.filter((b) => b !== END));
    fc.assert(
      fc.property(fc.array(line), fc.array(fc.nat()), (lines, cuts) => {
        const frames = lines.map((bytes) => `${Buffer.from(bytes).toString("latin1")}\n`);
        const stream = Buffer.from(frames.join(""), "latin1");
        assert.deepEqual(readAll(new Lines(), cutAt(stream, cuts)), frames);
      }),
    );
  });

  it("gives the same frames however the bytes are cut, led by a count", () => {
    fc.assert(
      fc.property(
        fc.array(fc.uint8Array({ maxLength: 255 })),
        fc.array(fc.nat()),
        (bodies, cuts) => {
          const frames = bodies.map((body) => Buffer.from([body.length, ...body]));
          assert.deepEqual(
            readAll(COUNTED, cutAt(Buffer.concat(frames), cuts)),
            frames.map((frame) => frame.toString("latin1")),
          );
        },
      ),
    );
  });

  it("searches no byte twice, in pieces of one byte too", () => {
    const lines = new Lines();
    const stream = Buffer.from(`${"x".repeat(90)}\n`.repeat(20));
    assert.equal(readAll(lines, bytewise(stream)).length, 20);
    assert.equal(lines.searched, stream.length);
  });

  it("tells whether a frame has begun", () => {
    const reader = new FrameReader(new Lines());
    reader.feed(Buffer.from("one\ntw"));
    assert.equal(reader.next()?.toString(), "one\n");
    assert.equal(reader.next(), undefined);
    assert.equal(reader.midFrame, true);
    reader.feed(Buffer.from("o\n"));
    assert.equal(reader.next()?.toString(), "two\n");
    assert.equal(reader.midFrame, false);
  });

  it("refuses a frame without an end as soon as it is too long", () => {
    const reader = new FrameReader(new Lines());
    for (let bytes = 0; bytes < BYTES_MAX - 1; bytes++) {
      reader.feed(Buffer.from("x"));
      assert.equal(reader.next(), undefined);
    }
    reader.feed(Buffer.from("x"));
    assert.throws(() => reader.next(), { code: "FRAME_TOO_LARGE" });
  });

  it("gives views of the chunk for frames that lie whole in it", () => {
    const reader = new FrameReader(COUNTED);
    const chunk = Buffer.from([1, 7, 2, 8]);
    reader.feed(chunk);
    assert.equal(reader.next()?.buffer, chunk.buffer);
    assert.equal(reader.next(), undefined);
    reader.feed(Buffer.of(9));
    assert.deepEqual(reader.next(), Buffer.from([2, 8, 9]));
  });
});
