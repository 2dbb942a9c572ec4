import assert from "node:assert/strict";
import { duplexPair } from "node:stream";
import { describe, it } from "node:test";
import * as fc from "fast-check";
import type { AgencyId, Bet } from "../../../../src/lottery/bet.ts";
import { encodeLines } from "../../../../src/lottery/canonical-line.ts";
import type { AgencyLink, Connect } from "../../../../src/protocols/agency-link.ts";
import {
  createNewlineFieldsDialer,
  EXERCISE_6,
  EXERCISE_7,
  FINAL,
  type Version,
} from "../../../../src/protocols/dialects/newline-fields/dial.ts";
import { newlineFieldsDialect } from "../../../../src/protocols/dialects/newline-fields/dialect.ts";
import { MemoryDesk } from "../../memory-desk.ts";
import { serveStream } from "../../stream-peer.ts";
import { hastyTimer } from "./fake-central.ts";
import { bets, inBatches, outgoing } from "../../plain-bets.ts";
import { CLAIM, dialContext } from "../../dial-context.ts";

/** A way to the central of a desk; each connection breaks after so many bytes. */
function wayTo(desk: MemoryDesk, bytesMax = Infinity): Connect {
  let bytes = 0;
  return () => {
    const [ours, theirs] = duplexPair();
    theirs.on("data", (chunk: Buffer) => {
      bytes += chunk.length;
      if (bytes <= bytesMax) return;
      ours.destroy(new Error("cut"));
      theirs.destroy();
    });
    serveStream(theirs, newlineFieldsDialect, desk);
    return Promise.resolve(ours);
  };
}

function dial(version: Version, connect: Connect, agency = 1): Promise<AgencyLink> {
  return createNewlineFieldsDialer(version, hastyTimer).dial(dialContext(connect, agency));
}

/** A whole run. @returns the winners */
async function run(
  version: Version,
  connect: Connect,
  sent: readonly Bet[],
  size: number,
): Promise<readonly string[] | undefined> {
  const link = await dial(version, connect, sent[0]?.agency);
  try {
    for (const batch of inBatches(sent, size)) {
      assert.deepEqual(await link.send(batch), { kind: "accepted" });
    }
    await link.done(CLAIM);
    return (await link.results())?.winners;
  } finally {
    await link.close();
  }
}

function betsOf(agency: number, count: number, winning: number): Bet[] {
  return bets(count, { agency: agency as AgencyId }).map((bet, index) =>
    index < winning ? { ...bet, number: 7574 } : bet,
  );
}

for (const [name, version] of [
  ["the final version", FINAL],
  ["exercise 7", EXERCISE_7],
] as const) {
  describe(`an agency and a central that speak newline-fields, ${name}`, () => {
    it("carry a whole draw of three agencies, with full and half batches", async () => {
      const desk = new MemoryDesk(3);
      const sent = [betsOf(1, 60, 2), betsOf(2, 61, 0), betsOf(3, 19, 3)];
      const winners = await Promise.all(sent.map((each) => run(version, wayTo(desk), each, 20)));
      assert.deepEqual(
        winners.map((each) => each?.length),
        [2, 0, 3],
      );
      assert.deepEqual(winners[0], ["30000000", "30000001"]);
      for (const each of sent) {
        const [{ agency } = assert.fail()] = each;
        const lines = desk.lines.split(/(?<=\n)/).filter((line) => line.startsWith(`${agency},`));
        assert.equal(lines.join(""), encodeLines(each).toString());
      }
    });

    it("carry an empty file, and the winners of nobody", async () => {
      const desk = new MemoryDesk(1);
      assert.deepEqual(await run(version, wayTo(desk), [], 10), []);
      assert.equal(desk.lines, "");
    });

    it("carry more winners than one part of an answer holds", async () => {
      const desk = new MemoryDesk(1);
      const sent = betsOf(1, 20_000, 20_000);
      const winners = await run(version, wayTo(desk), sent, 1000);
      assert.deepEqual(
        winners,
        sent.map(({ document }) => document),
      );
    });

    it("store everything once, wherever an agency is killed and run again", async () => {
      const sent = betsOf(1, 25, 4);
      const total = 1100;
      await fc.assert(
        fc.asyncProperty(
          fc.array(fc.integer({ min: 0, max: total }), { maxLength: 5 }),
          async (cuts) => {
            const desk = new MemoryDesk(1);
            for (const bytesMax of cuts) {
              await run(version, wayTo(desk, bytesMax), sent, 4).catch((error: Error) => {
                assert.equal(error.name, "LinkError");
              });
              if (desk.book.state === "drawn") break;
            }
            const winners = await run(version, wayTo(desk), sent, 4);
            assert.equal(winners?.length, 4);
            assert.equal(desk.lines, encodeLines(sent).toString());
          },
        ),
        { numRuns: 40 },
      );
    });

    it("end without an answer at a batch that the central refuses", async () => {
      const desk = new MemoryDesk(1);
      const link = await dial(version, wayTo(desk));
      await assert.rejects(link.send(outgoing(bets(3, { number: Number.NaN }))), {
        code: "CONNECTION_ENDED",
      });
      await link.close();
      assert.equal(desk.lines, "");
    });
  });
}

describe("an agency and a central that speak newline-fields, exercises 5 and 6", () => {
  it("carry batches, and store them once when the agency is run again", async () => {
    const desk = new MemoryDesk(1);
    const sent = betsOf(1, 25, 0);
    for (let runs = 0; runs < 3; runs++) {
      assert.equal(await run(EXERCISE_6, wayTo(desk), sent, 4), undefined);
    }
    assert.equal(desk.lines, encodeLines(sent).toString());
    assert.equal(desk.book.state, "open");
  });

  it("carry single bets, and store one once whose answer was lost", async () => {
    const desk = new MemoryDesk(1);
    const sent = betsOf(1, 3, 0);
    for (const bet of sent) {
      for (const version of [FINAL, EXERCISE_6]) {
        const link = await dial(version, wayTo(desk));
        assert.deepEqual(await link.sendSingle(outgoing([bet])), { kind: "accepted" });
        await link.close();
      }
    }
    assert.equal(desk.lines, encodeLines(sent).toString());
  });
});
