import assert from "node:assert/strict";
import { type Duplex, duplexPair } from "node:stream";
import { describe, it } from "node:test";
import * as fc from "fast-check";
import type { AgencyId, Bet } from "../../../src/lottery/bet.ts";
import { encodeLines } from "../../../src/lottery/canonical-line.ts";
import { type AgencyDialer, type Connect, LinkError } from "../../../src/protocols/agency-link.ts";
import { createMd5FramesDialer } from "../../../src/protocols/md5-frames/dial.ts";
import { md5FramesDialect } from "../../../src/protocols/md5-frames/dialect.ts";
import { MemoryDesk } from "../memory-desk.ts";
import { serveStream } from "../stream-peer.ts";
import { bet, bets, inBatches, outgoing } from "../plain-bets.ts";
import { pieces } from "../seen.ts";
import { CLAIM, dialContext } from "../dial-context.ts";

const FINAL = createMd5FramesDialer();
const BATCHES = createMd5FramesDialer({ draws: false });

/** A network before a central: bytes come in pieces, and after so many it is gone. */
function network(desk: MemoryDesk, { size = 65_536, bytesMax = Infinity } = {}): Connect {
  let bytes = 0;
  return () => {
    if (bytes >= bytesMax) return Promise.reject(new LinkError("CONNECT_FAILED", "gone"));
    const [agency, near] = duplexPair();
    const [far, central] = duplexPair();
    serveStream(central, md5FramesDialect, desk);
    const relay = (from: Duplex, to: Duplex): void => {
      from.on("data", (chunk: Buffer) => {
        for (const piece of pieces(chunk, [size])) {
          if (bytes >= bytesMax) break;
          const rest = piece.subarray(0, bytesMax - bytes);
          bytes += rest.length;
          to.write(rest);
        }
        if (bytes >= bytesMax) for (const end of [agency, central]) end.destroy();
      });
      from.on("end", () => to.end());
    };
    relay(near, far);
    relay(far, near);
    return Promise.resolve(agency);
  };
}

interface Run {
  readonly sent: readonly Bet[];
  readonly connect: Connect;
  readonly agency?: number;
  readonly size?: number;
  readonly dialer?: AgencyDialer;
}

/** A whole run of an agency, from its first bet. @returns its winners */
async function run({
  sent,
  connect,
  agency = 1,
  size = 3,
  dialer = FINAL,
}: Run): Promise<readonly string[] | undefined> {
  const link = await dialer.dial(dialContext(connect, agency));
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

describe("an agency and a central that speak md5-frames", () => {
  it("carry a whole draw of three agencies", async () => {
    const desk = new MemoryDesk(3);
    const winners = await Promise.all(
      ([1, 2, 3] as AgencyId[]).map((agency) => {
        const lucky = Array.from({ length: agency - 1 }, (_, index) =>
          bet({ agency, document: `0${index}`, number: 7574 }),
        );
        const sent = [...bets(40 * agency, { agency }), ...lucky];
        return run({ sent, agency, connect: network(desk) });
      }),
    );
    assert.deepEqual(winners, [[], ["00"], ["00", "01"]]);
    assert.equal(desk.lines.split("\r\n").length - 1, 40 + 81 + 122);
  });

  for (const [what, sent, batchBets] of [
    ["a file of full batches", bets(6), 3],
    ["a file with a rest", bets(7), 3],
    ["an empty file", [], 3],
    ["a file of 1,100 bets", bets(1100), 500],
  ] as const) {
    for (const size of [1, 1448]) {
      it(`carry ${what} in pieces of ${size} bytes`, async () => {
        const desk = new MemoryDesk(1);
        const connect = network(desk, { size });
        assert.deepEqual(await run({ sent, connect, size: batchBets }), []);
        assert.equal(desk.lines, encodeLines(sent).toString());
      });
    }
  }

  it("carry 50,000 winners in one answer", async () => {
    const desk = new MemoryDesk(1);
    const sent = bets(50_000, { number: 7574 });
    const winners = await run({ sent, size: 1000, connect: network(desk) });
    assert.deepEqual(
      winners,
      sent.map(({ document }) => document),
    );
  });

  it("carry names with colons, braces, quotes and nothing in them", async () => {
    const desk = new MemoryDesk(1);
    const sent = [bet({ firstName: '{A: "B"}', lastName: "" }), bet({ lastName: "Ñandú:{" })];
    await run({ sent, connect: network(desk) });
    assert.equal(desk.lines, encodeLines(sent).toString());
  });

  it("agree on what is refused: the batch with a bad bet, and no other", async () => {
    const desk = new MemoryDesk(1);
    const link = await FINAL.dial(dialContext(network(desk)));
    const kinds: string[] = [];
    for (const number of [1, 10_000, Number.NaN, 1e21, -1, 4]) {
      kinds.push((await link.send(outgoing([bet({ number })]))).kind);
    }
    await link.close();
    assert.deepEqual(kinds, ["accepted", ...Array(4).fill("rejected"), "accepted"]);
    assert.equal(desk.lines.split("\r\n").length - 1, 2);
  });

  it("refuse an agency that is not of the draw", async () => {
    const connect = network(new MemoryDesk(1));
    await assert.rejects(run({ sent: [], agency: 2, connect }), { code: "REFUSED" });
  });

  it("carry a single bet, once however often it is sent", async () => {
    const desk = new MemoryDesk(1);
    for (const dialer of [FINAL, FINAL, BATCHES]) {
      const link = await dialer.dial(dialContext(network(desk)));
      assert.equal((await link.sendSingle(outgoing([bet()]))).kind, "accepted");
      await link.close();
    }
    assert.equal(desk.lines, encodeLines([bet()]).toString());
  });

  it("of exercise 6 carry a file, and end no agency's bets", async () => {
    const desk = new MemoryDesk(1);
    assert.equal(await run({ sent: bets(7), dialer: BATCHES, connect: network(desk) }), undefined);
    assert.equal(desk.lines, encodeLines(bets(7)).toString());
    assert.equal(desk.book.state, "open");
  });

  for (const [name, dialer] of Object.entries({ final: FINAL, ej6: BATCHES })) {
    it(`store everything once when the agency is killed and run again (${name})`, async () => {
      const sent = bets(20);
      const kills = fc.array(fc.integer({ min: 0, max: 3000 }), { maxLength: 5 });
      await fc.assert(
        fc.asyncProperty(kills, async (moments) => {
          const desk = new MemoryDesk(1);
          for (const bytesMax of moments) {
            const connect = network(desk, { bytesMax });
            await run({ sent, dialer, connect }).catch((error: unknown) => {
              assert.ok(error instanceof LinkError && error.transient, String(error));
            });
          }
          const winners = await run({ sent, dialer, connect: network(desk) });
          assert.deepEqual(winners, dialer === FINAL ? [] : undefined);
          assert.equal(desk.lines, encodeLines(sent).toString());
        }),
        { numRuns: 60 },
      );
    });
  }

  it("store what is sent, however often, where replays are not looked for", async () => {
    const desk = new MemoryDesk(1, "store");
    await run({ sent: bets(3), dialer: BATCHES, connect: network(desk) });
    await run({ sent: bets(3), dialer: BATCHES, connect: network(desk) });
    assert.equal(desk.lines, encodeLines([...bets(3), ...bets(3)]).toString());
  });
});
