import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { sendInParts } from "../../../src/protocols/kit/send-in-parts.ts";
import { FakePeer } from "../fake-peer.ts";
import { turn } from "../scripted-desk.ts";

const PART = 65_536;

async function* piecesOf(
  bytes: Buffer,
  pieceBytes: number,
  onReleased: () => void = () => undefined,
): AsyncGenerator<Uint8Array> {
  try {
    for (let at = 0; at < bytes.length; at += pieceBytes) {
      yield bytes.subarray(at, at + pieceBytes);
    }
  } finally {
    onReleased();
  }
}

describe("an answer that is sent in parts", () => {
  for (const size of [0, 1, PART]) {
    it(`is sent at once when it has ${size} bytes`, async () => {
      const peer = new FakePeer();
      await sendInParts(peer, piecesOf(Buffer.alloc(size, 7), 1000), new AbortController().signal);
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
    const sending = sendInParts(peer, piecesOf(bytes, 1000), new AbortController().signal);
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
    let released = 0;
    const pieces = piecesOf(Buffer.alloc(PART + 1), PART, () => released++);
    const sending = sendInParts(peer, pieces, gone.signal);
    await turn();
    gone.abort(new Error("gone"));
    await assert.rejects(sending, /gone/);
    await assert.rejects(sendInParts(peer, piecesOf(Buffer.alloc(1), 1), gone.signal), /gone/);
    assert.equal(peer.sent.length, 1);
    assert.equal(released, 1);
  });

  it("asks for no more than it can send", async () => {
    const peer = new FakePeer();
    let asked = 0;
    async function* endless(): AsyncGenerator<Uint8Array> {
      for (;;) {
        asked++;
        yield Buffer.alloc(PART);
      }
    }
    const gone = new AbortController();
    const sending = sendInParts(peer, endless(), gone.signal);
    for (const parts of [1, 2, 3, 4]) {
      await turn();
      assert.equal(peer.sent.length, parts);
      assert.equal(asked, parts + 2);
      peer.drain();
    }
    gone.abort(new Error("gone"));
    await assert.rejects(sending, /gone/);
  });

  it("ends in the middle where its pieces fail", async () => {
    const peer = new FakePeer();
    async function* failing(): AsyncGenerator<Uint8Array> {
      yield Buffer.alloc(PART + 1);
      throw new Error("the disk is gone");
    }
    const sending = sendInParts(peer, failing(), new AbortController().signal);
    await assert.rejects(sending, /the disk is gone/);
    assert.equal(peer.take().length, PART);
  });
});
