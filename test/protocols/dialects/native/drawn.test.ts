import assert from "node:assert/strict";
import { winnersOfBets } from "../../../support/documents.ts";
import { winnerWith } from "../../scripted-desk.ts";
import { describe, it } from "node:test";
import * as fc from "fast-check";
import { drawnMessages, encodeCentral } from "../../../../src/protocols/dialects/native/encode.ts";
import { seed, seedNote } from "../../../support/seed.ts";

fc.configureGlobal({ seed });

const outcome = { draw: "1", winningNumber: 7574, seal: Buffer.alloc(32, 7) };
const document = fc.integer({ min: 0, max: 0xffff_ffff }).map(String);

async function gathered<T>(items: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = [];
  for await (const item of items) all.push(item);
  return all;
}

describe(`results as DRAWN frames (${seedNote})`, () => {
  it("carry every winner once, in order, within the limit, no frame smaller than need be", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(document, { maxLength: 300 }),
        fc.integer({ min: 64, max: 600 }),
        async (documents, frameBytesMax) => {
          const winners = winnersOfBets(documents.map(winnerWith), 7);
          const frames = await gathered(drawnMessages({ outcome, winners }, frameBytesMax));
          assert.ok(frames.length > 0);
          assert.deepEqual(
            frames.flatMap(({ documents }) => documents),
            documents,
          );
          let index = 0;
          for (const [at, frame] of frames.entries()) {
            assert.equal(frame.total, documents.length);
            assert.equal(frame.index, index);
            index += frame.documents.length;
            const bytes = encodeCentral(frame).length;
            assert.ok(bytes <= frameBytesMax);
            const next = frames[at + 1]?.documents[0];
            if (next !== undefined) assert.ok(bytes + 1 + next.length > frameBytesMax);
          }
        },
      ),
    );
  });

  it("are one frame without documents when nobody has won", async () => {
    const winners = winnersOfBets([]);
    const [first, ...others] = await gathered(drawnMessages({ outcome, winners }, 8192));
    assert.deepEqual(first?.documents, []);
    assert.deepEqual(others, []);
  });

  it("never pass the protocol's own limit, however large the central's is", async () => {
    const bets = Array.from({ length: 5000 }, (_, index) => winnerWith(String(index)));
    const winners = winnersOfBets(bets);
    for await (const frame of drawnMessages({ outcome, winners }, 1 << 20)) {
      assert.ok(encodeCentral(frame).length <= 8192);
    }
  });
});
