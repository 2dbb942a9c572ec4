import assert from "node:assert/strict";
import { describe, it } from "node:test";
import {
  encodeCentral,
  encodeClient,
  FrameWriter,
} from "../../../../src/protocols/dialects/native/encode.ts";

const HEAD = Buffer.alloc(32);
const lines = Buffer.from("x");

describe("encoding refuses what does not fit its field", () => {
  const cases: Record<string, () => unknown> = {
    "a sequence that is not whole": () =>
      encodeClient({ kind: "batch", sequence: 1.5, count: 1, lines }),
    "a sequence above 2^53 - 1": () =>
      encodeClient({ kind: "batch", sequence: 2 ** 53, count: 1, lines }),
    "a negative sequence": () => encodeCentral({ kind: "busy", sequence: -1, retryAfterMs: 0 }),
    "a count above 65535": () => encodeClient({ kind: "batch", sequence: 1, count: 65_536, lines }),
    "a head of 31 bytes": () =>
      encodeCentral({ kind: "ack", sequence: 1, head: HEAD.subarray(1), done: false }),
    "a draw's name of 256 bytes": () =>
      encodeClient({ kind: "hello", agency: 1, draw: "ñ".repeat(128), credentials: lines }),
    "credentials of 65536 bytes": () =>
      encodeClient({ kind: "hello", agency: 1, draw: "", credentials: Buffer.alloc(65_536) }),
    "a frame that is not written to its end": () => new FrameWriter(1, 2).u8(0).done(),
  };
  for (const [what, encode] of Object.entries(cases)) {
    it(what, () => assert.throws(encode, RangeError));
  }
});
