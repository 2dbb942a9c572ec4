import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { CENTRAL_TYPES, CLIENT_TYPES } from "../../../../src/protocols/dialects/native/wire.ts";
import { bytewise, cutAt } from "../../cuts.ts";
import { decoderFor, encode, messagesOf } from "./codec.ts";
import { vectors } from "./golden.ts";

for (const { name, sender, message, bytes } of vectors) {
  describe(`golden ${name}`, () => {
    it("decodes whole", () => {
      assert.deepEqual(messagesOf(decoderFor(sender), [bytes]), [message]);
    });

    it("decodes byte by byte", () => {
      assert.deepEqual(messagesOf(decoderFor(sender), bytewise(bytes)), [message]);
    });

    it("decodes in two chunks, cut anywhere, and twice in a row", () => {
      const twice = Buffer.concat([bytes, bytes]);
      for (let place = 0; place <= twice.length; place++) {
        const decoder = decoderFor(sender);
        assert.deepEqual(messagesOf(decoder, cutAt(twice, [place])), [message, message]);
        assert.equal(decoder.midFrame, false);
        assert.equal(decoder.end(), undefined);
      }
    });

    it("is truncated wherever it ends early", () => {
      for (let length = 1; length < bytes.length; length++) {
        const decoder = decoderFor(sender);
        assert.deepEqual(messagesOf(decoder, [bytes.subarray(0, length)]), []);
        assert.equal(decoder.midFrame, true);
        assert.equal(decoder.end()?.code, "FRAME_TRUNCATED");
      }
    });

    it("is what encoding gives", () => {
      assert.equal(encode(sender, message).toString("hex"), bytes.toString("hex"));
    });
  });
}

describe("golden vectors", () => {
  it("cover every message type", () => {
    const types = vectors.map(({ bytes }) => bytes[4]);
    const all = [...Object.values(CLIENT_TYPES), ...Object.values(CENTRAL_TYPES)];
    assert.deepEqual(
      all.filter((type) => !types.includes(type)),
      [],
    );
  });
});
