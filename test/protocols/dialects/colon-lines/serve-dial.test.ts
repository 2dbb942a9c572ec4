import assert from "node:assert/strict";
import { type Duplex, duplexPair } from "node:stream";
import { describe, it } from "node:test";
import * as fc from "fast-check";
import type { AgencyId, Bet } from "../../../../src/lottery/bet.ts";
import { encodeLines } from "../../../../src/lottery/canonical-line.ts";
import {
  LinkError,
  type LinkResults,
  type OutgoingBatch,
} from "../../../../src/protocols/agency-link.ts";
import { createColonLinesDialer } from "../../../../src/protocols/dialects/colon-lines/dial.ts";
import { colonLinesDialect } from "../../../../src/protocols/dialects/colon-lines/dialect.ts";
import {
  encodeCentral,
  type Version,
} from "../../../../src/protocols/dialects/colon-lines/encode.ts";
import {
  QUESTION_PAUSE_MS,
  SINGLE_BET_PAUSE_MS,
} from "../../../../src/protocols/dialects/colon-lines/wire.ts";
import type { StartTimer } from "../../../../src/protocols/timers.ts";
import { FakeClock } from "../../../support/fake-clock.ts";
import { MemoryDesk } from "../../memory-desk.ts";
import { turn } from "../../scripted-desk.ts";
import { serveStream } from "../../stream-peer.ts";
import { carriedBet } from "./bets.ts";
import { bet, bets, inBatches, outgoing } from "../../plain-bets.ts";

/** Pauses between questions are short, and nothing is ever late. */
const hurried: StartTimer = (callback, delayMs) => {
  if (delayMs !== QUESTION_PAUSE_MS) return () => undefined;
  const immediate = setImmediate(callback);
  return () => clearImmediate(immediate);
};

interface Dialled {
  readonly desk: MemoryDesk;
  readonly agency: number;
  readonly version: Version;
  /** Bytes from the central after which the agency is killed. */
  readonly bytesMax?: number;
  readonly clock?: FakeClock;
}

function dial({ desk, agency, version, bytesMax = Infinity, clock }: Dialled) {
  let bytesLeft = bytesMax;
  const connect = async (): Promise<Duplex> => {
    if (bytesLeft === 0) throw new Error("it was killed");
    const [ours, relayed] = duplexPair();
    const [relaying, theirs] = duplexPair();
    serveStream(theirs, colonLinesDialect, desk, clock === undefined ? {} : { clock });
    relayed.on("data", (chunk) => relaying.write(chunk));
    relayed.on("end", () => relaying.end());
    relaying.on("end", () => relayed.end());
    relaying.on("data", (chunk: Buffer) => {
      const heard = chunk.subarray(0, bytesLeft);
      bytesLeft -= heard.length;
      relayed.write(heard);
      if (bytesLeft > 0) return;
      relayed.end();
      relaying.destroy();
    });
    return ours;
  };
  return createColonLinesDialer(version, hurried).dial({
    agency: agency as AgencyId,
    draw: "",
    connect,
    answerTimeoutMs: 60_000,
    frameBytesMax: 8192,
    signal: new AbortController().signal,
  });
}

/** A whole run of an agency, as often killed as it takes bytes for. */
async function play(
  dialled: Dialled,
  batches: readonly OutgoingBatch[],
): Promise<LinkResults | undefined> {
  const link = await dial(dialled);
  try {
    for (const batch of batches) {
      assert.deepEqual(await link.send(batch), { kind: "accepted" });
    }
    const sent = batches.reduce((sum, { bets }) => sum + bets.length, 0);
    await link.done({ batches: batches.length, bets: sent, head: Buffer.alloc(32) });
    return await link.results();
  } finally {
    await link.close();
  }
}

const documents = (bets: readonly Bet[]) => bets.map(({ document }) => document);

describe("an agency and a central that speak colon-lines", () => {
  for (const version of ["ej7", "ej8"] as const) {
    for (const [what, count, size] of [
      ["a file of full batches", 6, 3],
      ["a file whose last batch is not full", 7, 3],
      ["a file of one bet", 1, 3],
      ["an empty file", 0, 3],
    ] as const) {
      it(`play ${what} (${version})`, async () => {
        const desk = new MemoryDesk(1);
        const sent = bets(count);
        const results = await play({ desk, agency: 1, version }, inBatches(sent, size));
        assert.deepEqual(results, { winners: [], winningBets: [] });
        assert.equal(desk.lines, encodeLines(sent).toString());
      });
    }

    it(`wait for each other's ends, and tell everybody their own winners (${version})`, async () => {
      const desk = new MemoryDesk(3);
      const files = [1, 2, 3].map((agency) =>
        bets(agency * 100, { agency: agency as AgencyId, ...(agency > 1 ? { number: 7574 } : {}) }),
      );
      const runs = files.map((sent, index) =>
        play({ desk, agency: index + 1, version }, inBatches(sent, 30)),
      );
      assert.deepEqual(
        (await Promise.all(runs)).map((results) => results?.winners),
        [[], documents(files[1] ?? []), documents(files[2] ?? [])],
      );
    });
  }

  it("play exercise 6, in which nobody is ever done", async () => {
    const desk = new MemoryDesk(1);
    const sent = bets(7);
    const results = await play({ desk, agency: 1, version: "ej6" }, inBatches(sent, 3));
    assert.equal(results, undefined);
    assert.equal(desk.lines, encodeLines(sent).toString());
    assert.equal(desk.book.state, "open");
  });

  it("play the single bet of exercise 5, once however often it is sent", async () => {
    const desk = new MemoryDesk(1);
    const clock = new FakeClock();
    for (let time = 0; time < 2; time++) {
      const link = await dial({ desk, agency: 1, version: "ej8", clock });
      const sent = link.sendSingle(outgoing([bet()]));
      while (clock.timers === 0) await turn();
      clock.advance(SINGLE_BET_PAUSE_MS);
      assert.deepEqual(await sent, { kind: "accepted" });
      await link.close();
    }
    assert.equal(desk.lines, encodeLines([bet()]).toString());
  });

  it("agree on any bets that the dialect carries", async () => {
    const agency = 2 as AgencyId;
    const file = fc.array(carriedBet(agency), { maxLength: 40 });
    const version = fc.constantFrom<Version>("ej6", "ej7", "ej8");
    await fc.assert(
      fc.asyncProperty(
        file,
        version,
        fc.integer({ min: 1, max: 9 }),
        async (sent, version, size) => {
          const desk = new MemoryDesk(2);
          await desk.done(1 as AgencyId);
          const results = await play({ desk, agency, version }, inBatches(sent, size));
          assert.equal(desk.lines, encodeLines(sent).toString());
          const winners = documents(sent.filter(({ number }) => number === 7574));
          if (version !== "ej6") assert.deepEqual(results?.winners, winners);
        },
      ),
      { numRuns: 60 },
    );
  });

  it("store every bet once when the agency is killed and run again, at every byte", async () => {
    const sent = bets(8, { number: 7574 });
    const batches = inBatches(sent, 3);
    for (const version of ["ej7", "ej8"] as const) {
      const winners = encodeCentral({ kind: "winners", winners: sent }).length;
      const whole = "server:0\r\n".length * 4 + winners;
      for (let killedAt = 1; killedAt < whole; killedAt++) {
        const desk = new MemoryDesk(1);
        const killed = play({ desk, agency: 1, version, bytesMax: killedAt }, batches);
        await assert.rejects(killed, (error) => error instanceof LinkError && error.transient);
        const results = await play({ desk, agency: 1, version }, batches);
        assert.deepEqual(results?.winners, documents(sent));
        assert.equal(desk.lines, encodeLines(sent).toString());
      }
    }
  });

  it("go on behind a batch that the central refuses", async () => {
    const desk = new MemoryDesk(1);
    const link = await dial({ desk, agency: 1, version: "ej8" });
    const [first, second] = inBatches(bets(2), 1);
    const bad = outgoing([bet({ document: "none" })]);
    assert.ok(first && second);
    assert.equal((await link.send(first)).kind, "accepted");
    assert.equal((await link.send(bad)).kind, "rejected");
    assert.equal((await link.send(second)).kind, "accepted");
    await link.close();
    assert.equal(desk.lines, encodeLines(bets(2)).toString());
  });
});
