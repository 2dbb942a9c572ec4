import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { sendInParts } from "../../src/protocols/send-in-parts.ts";
import { FakePeer } from "./fake-peer.ts";
import { turn } from "./scripted-desk.ts";

const PART = 65_536;

describe("an answer that is sent in parts", () => {
  for (const size of [0, 1, PART]) {
    it(`is sent at once when it has ${size} bytes`, async () => {
      const peer = new FakePeer();
      await sendInParts(peer, Buffer.alloc(size, 7), new AbortController().signal);
      assert.deepEqual(
        peer.sent.map(({ length }) => length),
        size === 0 ? [] : [size],
      );
      assert.equal(peer.drain(), false);
    });
  }

  it("waits for each part to have left", async () => {
    const peer = new FakePeer();
    const bytes = Buffer.from(Array.from({ length: 2 * PART + 5 }, (_, index) => index % 251));
    const sending = sendInParts(peer, bytes, new AbortController().signal);
    const sizes: number[] = [];
    for (;;) {
      await turn();
      sizes.push(peer.sent.length);
      if (!peer.drain()) break;
    }
    await sending;
    assert.deepEqual(sizes, [1, 2, 3]);
    assert.deepEqual(peer.take(), bytes);
  });

  it("stops when the connection is gone, before or while it waits", async () => {
    const gone = new AbortController();
    const peer = new FakePeer();
    const sending = sendInParts(peer, Buffer.alloc(PART + 1), gone.signal);
    gone.abort(new Error("gone"));
    await assert.rejects(sending, /gone/);
    await assert.rejects(sendInParts(peer, Buffer.alloc(1), gone.signal), /gone/);
    assert.equal(peer.sent.length, 1);
  });
});
