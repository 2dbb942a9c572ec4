import assert from "node:assert/strict";
import { describe, it } from "node:test";
import * as fc from "fast-check";
import { centralMessages, clientMessages } from "./arbitrary-messages.ts";
import {
  cut,
  decodeAll,
  decoderFor,
  encode,
  type Message,
  messagesOf,
  type Sender,
} from "./codec.ts";

const SENDERS: readonly [Sender, fc.Arbitrary<Message>][] = [
  ["client", clientMessages],
  ["central", centralMessages],
];

for (const [sender, anyMessage] of SENDERS) {
  describe(`codec of what a ${sender} sends`, () => {
    it("gives back what was encoded, however the bytes are cut", () => {
      fc.assert(
        fc.property(
          fc.array(anyMessage, { maxLength: 8 }),
          fc.array(fc.nat(), { maxLength: 12 }),
          (messages, places) => {
            const bytes = Buffer.concat(messages.map((message) => encode(sender, message)));
            const chunks = cut(
              bytes,
              places.map((place) => place % (bytes.length + 1)),
            );
            const decoder = decoderFor(sender);
            assert.deepEqual(messagesOf(decoder, chunks).map(plain), messages.map(plain));
            assert.equal(decoder.end(), undefined);
          },
        ),
      );
    });

    it("makes messages or one violation of any bytes, the same however they are cut", () => {
      fc.assert(
        fc.property(
          fc.array(
            fc.oneof(
              noise(),
              anyMessage.map((message) => encode(sender, message)),
            ),
          ),
          fc.array(fc.nat(), { maxLength: 12 }),
          (pieces, places) => {
            const bytes = Buffer.concat(pieces);
            const whole = decodeAll(decoderFor(sender), [bytes]);
            const chunks = cut(
              bytes,
              places.map((place) => place % (bytes.length + 1)),
            );
            const inParts = decodeAll(decoderFor(sender), chunks);
            assert.deepEqual(inParts.map(summary), whole.map(summary));
            const violation = whole.findIndex(({ kind }) => kind === "violation");
            assert.ok(violation === -1 || violation === whole.length - 1);
          },
        ),
        { numRuns: 300 },
      );
    });
  });
}

/** Bytes as they come, many of them looking like the beginning of a frame. */
function noise(): fc.Arbitrary<Buffer> {
  const anything = fc.uint8Array({ maxLength: 60 }).map((array) => Buffer.from(array));
  const typed = fc
    .tuple(fc.constantFrom(1, 2, 3, 4, 5, 0x81, 0x82, 0x83, 0x84, 0x85, 0x86, 0x87), anything)
    .map(([type, body]) => {
      const frame = Buffer.alloc(5 + body.length);
      frame.writeUInt32BE(1 + body.length, 0);
      frame[4] = type;
      frame.set(body, 5);
      return frame;
    });
  return fc.oneof(anything, typed);
}

/** fast-check's records have no prototype; equality here is about fields. */
function plain(message: Message): Message {
  return { ...message };
}

function summary(decoded: ReturnType<typeof decodeAll>[number]): unknown {
  return decoded.kind === "message"
    ? decoded.message
    : { code: decoded.error.code, message: decoded.error.message };
}
