import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { AgencyId, Bet } from "../../../../src/lottery/bet.ts";
import { encodeLines } from "../../../../src/lottery/canonical-line.ts";
import { FLAWS } from "../../../../src/lottery/flaw.ts";
import type { UnnumberedVerdict } from "../../../../src/protocols/counter.ts";
import { encodeAgency } from "../../../../src/protocols/dialects/md5-frames/encode.ts";
import type { AgencyMessage } from "../../../../src/protocols/dialects/md5-frames/wire.ts";
import { WatchedDesk } from "../../watched-desk.ts";
import { frame, identifierIn } from "./codec.ts";
import { FAILURE, NO_WINNERS, serve, SUCCESS } from "./served.ts";
import { bet, bets } from "../../plain-bets.ts";

const batch = (...sent: Bet[]): Buffer => encodeAgency({ kind: "batch", bets: sent });
const single = (sent: Bet): Buffer => encodeAgency({ kind: "bet", bet: sent });
const done = (agency: number): Buffer => encodeAgency({ kind: "done", agency });
const question = (agency: number): Buffer => encodeAgency({ kind: "question", agency });
const winner = (agency: number, document: string): Bet =>
  bet({ agency: agency as AgencyId, document, number: 7574 });

describe("a central that speaks md5-frames", () => {
  it("confirms what is stored, and what was stored before", async () => {
    const desk = new WatchedDesk(3);
    const first = serve(desk);
    assert.deepEqual(await first.say(batch(...bets(2))), [SUCCESS]);
    assert.deepEqual(await serve(desk).say(batch(...bets(2))), [SUCCESS]);
    assert.equal(desk.lines, encodeLines(bets(2)).toString());
    assert.equal(first.ended, false);
  });

  it("answers in one frame, with the identifier of the request, whatever it is", async () => {
    const identifier = Buffer.alloc(16, 0xab);
    const served = serve(new WatchedDesk(1));
    const asked = [
      [frame(3, "{}", identifier), frame(2, FAILURE, identifier)],
      [batch(bet()), frame(2, SUCCESS, identifierIn(batch(bet())))],
      [frame(4, "{agency:1}", identifier), frame(2, SUCCESS, identifier)],
      [frame(5, "{agency:1}", identifier), frame(6, "{ganadores:30000001}", identifier)],
      [frame(5, "{agency:9}", identifier), frame(6, FAILURE, identifier)],
    ] as const;
    for (const [request, answer] of asked) assert.deepEqual(await served.bring(request), [answer]);
  });

  it("takes any number of frames on a connection, also in one segment", async () => {
    const served = serve();
    const all = Buffer.concat([batch(bet()), batch(...bets(3)), single(bet()), done(1)]);
    assert.deepEqual(await served.say(all), Array(4).fill(SUCCESS));
    assert.deepEqual(
      served.desk.offers.map(({ place }) => place),
      ["connection-start", "following", "alone"],
    );
  });

  it("says of each batch where it stands, counting from the first that is stored", async () => {
    const served = serve();
    const bad = batch(bet({ number: 10_000 }));
    await served.say(bad, single(bet()), batch(bet({ number: 1 })), bad, batch(bet({ number: 2 })));
    assert.deepEqual(
      served.desk.offers.map(({ place }) => place),
      ["connection-start", "alone", "connection-start", "following", "following"],
    );
  });

  it("takes a single bet as a run of its own", async () => {
    const served = serve();
    assert.deepEqual(await served.say(single(bet())), [SUCCESS]);
    assert.deepEqual(served.desk.offers, [{ agency: 1, count: 1, place: "alone", single: true }]);
    assert.equal(served.desk.lines, encodeLines([bet()]).toString());
  });

  it("refuses a bet that is invalid, and the whole batch with it", async () => {
    const served = serve();
    assert.deepEqual(await served.say(single(bet({ birthdate: "1990-02-30" }))), [FAILURE]);
    assert.deepEqual(await served.say(batch(bet(), bet({ number: 10_000 }))), [FAILURE]);
    assert.deepEqual(await served.say(batch(bet(), bet({ agency: 2 as AgencyId }))), [FAILURE]);
    assert.equal(served.desk.lines, "");
    assert.deepEqual(await served.say(batch(bet())), [SUCCESS]);
  });

  it("has one word for every refusal", async () => {
    const flaw = { ...FLAWS.missing, index: 0 };
    const refusals: UnnumberedVerdict[] = [{ kind: "invalid", flaw }, { kind: "late" }];
    for (const verdict of refusals) {
      const served = serve();
      served.desk.verdict = verdict;
      assert.deepEqual(await served.say(batch(bet()), single(bet())), [FAILURE, FAILURE]);
      assert.equal(served.ended, false);
    }
  });

  it("refuses bets that come too late", async () => {
    const served = serve();
    await served.say(done(1));
    assert.deepEqual(await served.say(batch(bet())), [FAILURE]);
  });

  it("lets a peer wait while there is no room", async () => {
    const served = serve();
    served.desk.busy = 2;
    assert.deepEqual(await served.say(batch(bet())), []);
    assert.equal(served.conversation.awaiting, "central");
    assert.deepEqual(await served.wait(5), []);
    assert.deepEqual((await served.wait(5)).length, 1);
    assert.equal(served.desk.lines, encodeLines([bet()]).toString());
  });

  it("forgets a peer that is gone while it waited", async () => {
    const served = serve();
    served.desk.busy = 1;
    await served.say(batch(bet()));
    served.close();
    assert.deepEqual(await served.answers(), []);
    assert.equal(served.clock.timers, 0);
    assert.equal(served.desk.lines, "");
  });

  it("holds every question until all agencies are done, then answers it", async () => {
    const desk = new WatchedDesk(3);
    const asking = [1, 2, 3].map(() => serve(desk));
    await serve(desk).say(batch(winner(1, "0101"), bet({ number: 1 }), winner(1, "102")));
    await serve(desk).say(batch(winner(2, "201")));
    for (const [index, served] of asking.entries()) {
      assert.deepEqual(await served.say(question(index + 1)), []);
      assert.equal(served.conversation.awaiting, "central");
    }
    const served = serve(desk);
    assert.deepEqual(await served.say(done(1), done(2)), [SUCCESS, SUCCESS]);
    for (const each of asking) assert.deepEqual(await each.answers(), []);
    assert.deepEqual(await served.say(done(3)), [SUCCESS]);
    assert.deepEqual(await Promise.all(asking.map((each) => each.answers())), [
      ["{ganadores:0101|102}"],
      ["{ganadores:201}"],
      [NO_WINNERS],
    ]);
    assert.deepEqual(await served.say(question(2), question(3)), ["{ganadores:201}", NO_WINNERS]);
  });

  it("takes the next message only when a held question is answered", async () => {
    const served = serve(new WatchedDesk(1));
    assert.deepEqual(await served.say(Buffer.concat([question(1), batch(bet())])), []);
    assert.equal(served.desk.lines, "");
    await serve(served.desk).say(done(1));
    assert.deepEqual(await served.answers(), [NO_WINNERS, FAILURE]);
  });

  it("sends an answer of many winners in parts", async () => {
    const desk = new WatchedDesk(1);
    const sent = bets(10_000, { number: 7574 });
    for (let at = 0; at < sent.length; at += 1000) {
      await serve(desk).say(batch(...sent.slice(at, at + 1000)));
    }
    const served = serve(desk);
    const parts = await served.bring(done(1), question(1));
    while (served.peer.drain()) parts.push(...(await served.hear()));
    assert.deepEqual(
      parts.slice(1, -1).map(({ length }) => length),
      [65_536],
    );
    const documents = sent.map(({ document }) => document).join("|");
    const answer = frame(6, `{ganadores:${documents}}`, identifierIn(question(1)));
    assert.ok(Buffer.concat(parts.slice(1)).equals(answer));
  });

  it("takes an end of bets twice, and counts the agency once", async () => {
    const served = serve();
    assert.deepEqual(await served.say(done(1), done(1), done(1)), [SUCCESS, SUCCESS, SUCCESS]);
    assert.equal(served.desk.book.state, "open");
  });

  it("refuses agencies that do not exist, and says so in the log", async () => {
    const served = serve();
    assert.deepEqual(await served.say(batch(bet({ agency: 4 as AgencyId }))), [FAILURE]);
    assert.deepEqual(await served.say(done(4), question(0)), [FAILURE, FAILURE]);
    assert.deepEqual(await served.say(frame(4, "{agencia:1}")), [FAILURE]);
    assert.deepEqual(served.desk.strangers, [
      "refuse_batch 4",
      "register_done 4",
      "query_winners 0",
      "register_done 0",
    ]);
  });

  it("stores what a peer that is gone had sent, and finds it again", async () => {
    const desk = new WatchedDesk(3);
    const gone = serve(desk);
    const answers = gone.say(batch(bet()));
    gone.close();
    await answers;
    assert.equal(desk.lines, encodeLines([bet()]).toString());
    assert.deepEqual(await serve(desk).say(batch(bet())), [SUCCESS]);
    assert.equal(desk.lines, encodeLines([bet()]).toString());
  });

  it("answers what was asked before the peer ended its side", async () => {
    const served = serve();
    const answers = served.say(batch(bet()));
    served.conversation.ended();
    assert.deepEqual(await answers, [SUCCESS]);
    assert.equal(served.ended, true);
  });

  it("says no more when the central stops, and ends a held question without an answer", async () => {
    const served = serve(new WatchedDesk(1));
    await served.say(question(1));
    served.close("stopping");
    await serve(served.desk).say(done(1));
    assert.deepEqual(await served.answers(), []);
  });

  it("waits for the first message, the rest of one, and the next one, each as what it is", async () => {
    const served = serve();
    const bytes = done(1);
    assert.equal(served.conversation.awaiting, "greeting");
    await served.say(bytes.subarray(0, 3));
    assert.equal(served.conversation.awaiting, "greeting");
    await served.say(bytes.subarray(3));
    assert.equal(served.conversation.awaiting, "message");
    await served.say(bytes.subarray(0, 6));
    assert.equal(served.conversation.awaiting, "rest");
  });
});

const messages: readonly AgencyMessage[] = [
  { kind: "batch", bets: bets(3) },
  { kind: "bet", bet: bet() },
  { kind: "done", agency: 1 },
  { kind: "question", agency: 1 },
];

describe("a connection that ends within a frame", () => {
  for (const message of messages) {
    it(`of ${message.kind}, anywhere, leaves nothing behind`, async () => {
      const bytes = encodeAgency(message);
      const desk = new WatchedDesk(3);
      for (let length = 1; length < bytes.length; length++) {
        const served = serve(desk);
        assert.deepEqual(await served.say(bytes.subarray(0, length)), [], `${length} bytes`);
        await served.end();
        assert.deepEqual(served.complaints, ["FRAME_TRUNCATED"]);
        assert.equal(served.ended, true);
      }
      assert.deepEqual(desk.offers, []);
      assert.equal(desk.book.standing(1 as AgencyId).done, false);
    });
  }
});
