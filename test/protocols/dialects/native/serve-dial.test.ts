import assert from "node:assert/strict";
import { type Duplex, duplexPair } from "node:stream";
import { describe, it } from "node:test";
import * as fc from "fast-check";
import { type AgencyId, agencyId, type Bet } from "../../../../src/lottery/bet.ts";
import { encodeLines } from "../../../../src/lottery/canonical-line.ts";
import { nextHead } from "../../../../src/lottery/chain.ts";
import type { AgencyLink, OutgoingBatch } from "../../../../src/protocols/agency-link.ts";
import { nativeDialect } from "../../../../src/protocols/dialects/native/dialect.ts";
import { MemoryDesk } from "../../memory-desk.ts";
import { turn } from "../../scripted-desk.ts";
import { serveStream } from "../../stream-peer.ts";

function dial(
  desk: MemoryDesk,
  agency: number,
  pair: readonly [Duplex, Duplex],
): Promise<AgencyLink> {
  const [ours, theirs] = pair;
  serveStream(theirs, nativeDialect, desk);
  return (nativeDialect.dialer ?? assert.fail()).dial({
    agency: (agencyId(agency) ?? 0) as AgencyId,
    draw: "",
    connect: () => Promise.resolve(ours),
    answerTimeoutMs: 60_000,
    frameBytesMax: 8192,
    signal: new AbortController().signal,
  });
}

function bet(agency: number, document: number, number = 1): Bet {
  return {
    agency: agency as AgencyId,
    firstName: "Ángela",
    lastName: "de la Peña",
    document: String(document),
    birthdate: "2000-02-29",
    number,
  };
}

function batch(sequence: number, bets: readonly Bet[]): OutgoingBatch {
  return { sequence, bets, lines: encodeLines(bets) };
}

/** Sends batches of the given bets with a full window, DONE, and waits for the results. */
async function sendAll(
  link: AgencyLink,
  batches: readonly OutgoingBatch[],
): Promise<readonly string[]> {
  const standing = link.standing ?? assert.fail();
  let { head } = standing;
  const waiting: Promise<void>[] = [];
  for (const sent of batches.slice(standing.nextSequence - 1)) {
    const after = (head = nextHead(head, sent.sequence, sent.bets.length, sent.lines));
    const answered = async (): Promise<void> => {
      const answer = await link.send(sent);
      assert.equal(answer.kind, "accepted");
      if (answer.kind === "accepted" && answer.head !== undefined) {
        assert.deepEqual(answer.head, after);
      }
    };
    waiting.push(answered());
    if (waiting.length === link.window) await Promise.all(waiting.splice(0));
  }
  await Promise.all(waiting);
  const bets = batches.reduce((sum, each) => sum + each.bets.length, 0);
  await link.done({ batches: batches.length, bets, head });
  return (await link.results())?.winners ?? [];
}

describe("an agency and a central that speak native", () => {
  it("carry a whole draw of three agencies", async () => {
    const desk = new MemoryDesk(3);
    const results = await Promise.all(
      [1, 2, 3].map(async (agency) => {
        const link = await dial(desk, agency, duplexPair());
        const batches = Array.from({ length: 40 * agency }, (_, index) =>
          batch(index + 1, [bet(agency, index), bet(agency, 1000 + index, index % 20 ? 5 : 7574)]),
        );
        const winners = await sendAll(link, batches);
        await link.close();
        return winners;
      }),
    );
    assert.deepEqual(
      results.map((winners) => winners.length),
      [2, 4, 6],
    );
    assert.deepEqual(results[0], ["1000", "1020"]);
    assert.equal(desk.book.state, "drawn");
  });

  it("carry more winners than a hundred frames hold", async () => {
    const desk = new MemoryDesk(1);
    const link = await dial(desk, 1, duplexPair());
    const batches = Array.from({ length: 1000 }, (_, index) =>
      batch(
        index + 1,
        Array.from({ length: 100 }, (_, at) => bet(1, index * 100 + at, 7574)),
      ),
    );
    const winners = await sendAll(link, batches);
    assert.equal(winners.length, 100_000);
    assert.equal(winners[99_999], "99999");
    await link.close();
  });

  it("go on after every kind of cut, and store every batch once", async () => {
    const batches = Array.from({ length: 12 }, (_, index) => batch(index + 1, [bet(1, index)]));
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.integer({ min: 1, max: 1500 }), { maxLength: 6 }),
        async (cuts) => {
          const desk = new MemoryDesk(1);
          let winners: readonly string[] | undefined;
          for (const bytes of [...cuts, Infinity]) {
            winners = await attempt(desk, batches, bytes);
            if (winners !== undefined) break;
          }
          assert.deepEqual(winners, []);
          const standing = desk.book.standing(1 as AgencyId);
          assert.equal(standing.bets, 12);
          assert.equal(standing.nextSequence, 13);
        },
      ),
      { numRuns: 60 },
    );
  });

  it("answer refusals in the middle of a window, and go on when they are repaired", async () => {
    const desk = new MemoryDesk(1);
    const link = await dial(desk, 1, duplexPair());
    const good = [1, 2, 3].map((sequence) => batch(sequence, [bet(1, sequence)]));
    const bad = batch(2, [bet(1, 9), bet(1, 9, 10_000)]);
    const answers = await Promise.all(
      [good[0], bad, good[2]].map((each) => link.send(each ?? bad)),
    );
    assert.deepEqual(
      answers.map((answer) =>
        answer.kind === "rejected" ? [answer.code, answer.index] : answer.kind,
      ),
      ["accepted", ["INVALID", 1], "skipped"],
    );
    desk.busy = 1;
    const [two = bad, three = bad] = good.slice(1);
    assert.deepEqual(
      (await Promise.all([link.send(two), link.send(three)])).map(({ kind }) => kind),
      ["busy", "skipped"],
    );
    assert.deepEqual(
      (await Promise.all([link.send(two), link.sendSingle(three)])).map(({ kind }) => kind),
      ["accepted", "accepted"],
    );
    assert.equal((await link.send(three)).kind, "accepted");
    const answer = await link.send(batch(3, [bet(1, 99)]));
    assert.equal(answer.kind === "rejected" && answer.code, "CONFLICT");
    await link.close();
  });

  it("let the newest session of an agency have it", async () => {
    const desk = new MemoryDesk(1);
    const first = await dial(desk, 1, duplexPair());
    const waiting = assert.rejects(first.results(), { code: "FENCED" });
    const second = await dial(desk, 1, duplexPair());
    await waiting;
    assert.equal((await second.send(batch(1, [bet(1, 1)]))).kind, "accepted");
    await Promise.all([first.close(), second.close()]);
  });

  it("refuse an agency that does not exist, and a DONE that does not agree", async () => {
    const desk = new MemoryDesk(1);
    await assert.rejects(dial(desk, 2, duplexPair()), { code: "REFUSED" });
    const link = await dial(desk, 1, duplexPair());
    const claim = { batches: 1, bets: 1, head: Buffer.alloc(32) };
    await assert.rejects(link.done(claim), { code: "REFUSED" });
    await link.close();
  });

  it("find each other again when the central stops", async () => {
    const desk = new MemoryDesk(1);
    const [ours, theirs] = duplexPair();
    const conversation = serveStream(theirs, nativeDialect, desk);
    const link = await (nativeDialect.dialer ?? assert.fail()).dial({
      agency: 1 as AgencyId,
      draw: "1",
      connect: () => Promise.resolve(ours),
      answerTimeoutMs: 60_000,
      frameBytesMax: 8192,
      signal: new AbortController().signal,
    });
    await link.send(batch(1, [bet(1, 1)]));
    conversation.stopping();
    theirs.end();
    await turn();
    await assert.rejects(link.send(batch(2, [bet(1, 2)])), { code: "CONNECTION_LOST" });
    await link.close();
    const again = await dial(desk, 1, duplexPair());
    assert.equal(again.standing?.nextSequence, 2);
    await again.close();
  });
});

/** One connection that is cut once so many bytes have come from the central. */
async function attempt(
  desk: MemoryDesk,
  batches: readonly OutgoingBatch[],
  bytesMax: number,
): Promise<readonly string[] | undefined> {
  const [ours, theirs] = duplexPair();
  let bytes = 0;
  ours.on("data", (chunk: Buffer) => {
    bytes += chunk.length;
    if (bytes >= bytesMax) ours.destroy();
  });
  let link: AgencyLink | undefined;
  try {
    link = await dial(desk, 1, [ours, theirs]);
    return await sendAll(link, batches);
  } catch (error) {
    assert.ok(error instanceof Error && "code" in error && error.code === "CONNECTION_LOST");
    return undefined;
  } finally {
    await link?.close();
    theirs.destroy();
  }
}
