import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { AgencyId, Bet } from "../../../../src/lottery/bet.ts";
import { encodeLines } from "../../../../src/lottery/canonical-line.ts";
import { encodeAgency } from "../../../../src/protocols/dialects/tlv/encode.ts";
import type { AgencyMessage } from "../../../../src/protocols/dialects/tlv/wire.ts";
import { turn } from "../../scripted-desk.ts";
import { packet } from "./codec.ts";
import { WatchedDesk } from "../../watched-desk.ts";
import { NO_WINNERS, NOT_YET, OK, REFUSED, serve, UNKNOWN } from "./served.ts";
import { bet, bets } from "../../plain-bets.ts";

const batch = (...sent: ReturnType<typeof bets>): Buffer =>
  encodeAgency({ kind: "batch", bets: sent });
const done = (agency: number): Buffer => encodeAgency({ kind: "done", agency });
const winner = (agency: number, document: string): Bet =>
  bet({ agency: agency as AgencyId, document, number: 7574 });
const question = (agency: number): Buffer => encodeAgency({ kind: "question", agency });

describe("a central that speaks tlv", () => {
  it("confirms what is stored, and what was stored before", async () => {
    const desk = new WatchedDesk(3);
    const first = serve(desk);
    assert.deepEqual(await first.say(batch(...bets(2))), [OK]);
    const again = serve(desk);
    assert.deepEqual(await again.say(batch(...bets(2))), [OK]);
    assert.equal(desk.lines, encodeLines(bets(2)).toString());
    assert.equal(first.peer.ends, 0);
  });

  it("takes any number of packets on a connection, also in one segment", async () => {
    const served = serve();
    const all = Buffer.concat([batch(bet()), batch(...bets(3)), done(1), question(1)]);
    assert.deepEqual(await served.say(all), [OK, OK, OK, NOT_YET]);
    assert.deepEqual(
      served.desk.offers.map(({ place }) => place),
      ["connection-start", "following"],
    );
  });

  it("says of each batch where it stands, counting from the first that is stored", async () => {
    const served = serve();
    const bad = batch(bet({ number: 10_000 }));
    await served.say(bad, packet(3, "0#"), batch(bet()), bad, batch(bet({ number: 1 })));
    assert.deepEqual(
      served.desk.offers.map(({ place }) => place),
      ["connection-start", "connection-start", "following", "following"],
    );
  });

  it("takes a single bet as a run of its own, and ends the connection", async () => {
    const served = serve();
    assert.deepEqual(await served.say(encodeAgency({ kind: "bet", bet: bet() })), [OK]);
    assert.deepEqual(served.desk.offers, [{ agency: 1, count: 1, place: "alone", single: true }]);
    assert.equal(served.peer.ends, 1);
    assert.equal(served.desk.lines, encodeLines([bet()]).toString());
  });

  it("refuses a single bet that is invalid", async () => {
    const served = serve();
    const bad = encodeAgency({ kind: "bet", bet: bet({ birthdate: "1990-02-30" }) });
    assert.deepEqual(await served.say(bad), [REFUSED]);
    assert.equal(served.desk.lines, "");
  });

  it("refuses a batch with one bad bet, whole", async () => {
    const served = serve();
    assert.deepEqual(await served.say(batch(bet(), bet({ number: 10_000 }))), [REFUSED]);
    assert.equal(served.desk.lines, "");
    assert.deepEqual(await served.say(batch(bet())), [OK]);
  });

  it("refuses a batch with bets of two agencies", async () => {
    const served = serve();
    assert.deepEqual(await served.say(batch(bet(), bet({ agency: 2 as AgencyId }))), [REFUSED]);
    assert.equal(served.desk.lines, "");
  });

  it("refuses an empty batch, without the desk and without a warning", async () => {
    const served = serve();
    assert.deepEqual(await served.say(packet(3, "0#")), [REFUSED]);
    assert.deepEqual(served.desk.offers, []);
    assert.deepEqual(served.peer.events, []);
    assert.equal(served.peer.ends, 0);
  });

  it("refuses bets that come too late", async () => {
    const served = serve();
    await served.say(done(1));
    assert.deepEqual(await served.say(batch(bet())), [REFUSED]);
  });

  it("lets a peer wait while there is no room", async () => {
    const served = serve();
    served.desk.busy = 2;
    assert.deepEqual(await served.say(batch(bet())), []);
    assert.deepEqual(await served.wait(5), []);
    assert.equal(served.conversation.awaiting, "central");
    assert.deepEqual(await served.wait(5), [OK]);
  });

  it("forgets a peer that is gone while it waited", async () => {
    const served = serve();
    served.desk.busy = 1;
    const answers = served.say(batch(bet()));
    while (served.clock.timers === 0) await turn();
    served.close();
    assert.deepEqual(await answers, []);
    assert.equal(served.clock.timers, 0);
    assert.equal(served.desk.lines, "");
  });

  it("tells winners to everyone once all agencies are done, and to none before", async () => {
    const served = serve();
    await served.say(batch(winner(1, "0101"), bet({ number: 1 }), winner(1, "102")));
    await served.say(batch(winner(2, "201")));
    for (const agency of [1, 2]) {
      assert.deepEqual(await served.say(done(agency), question(agency)), [OK, NOT_YET]);
    }
    assert.deepEqual(await served.say(question(3)), [NOT_YET]);
    assert.deepEqual(await served.say(done(3)), [OK]);
    assert.deepEqual(await served.say(question(1), question(2), question(3)), [
      packet(7, "0101#102#").toString("hex"),
      packet(7, "201#").toString("hex"),
      NO_WINNERS,
    ]);
  });

  it("takes an end of bets twice", async () => {
    const served = serve();
    assert.deepEqual(await served.say(done(1), done(1)), [OK, OK]);
    assert.equal(served.desk.book.state, "open");
  });

  it("refuses agencies that do not exist, and says so in the log", async () => {
    const served = serve();
    assert.deepEqual(await served.say(batch(bet({ agency: 4 as AgencyId }))), [REFUSED]);
    assert.deepEqual(await served.say(done(4), question(0)), [UNKNOWN, UNKNOWN]);
    assert.deepEqual(served.desk.strangers, [
      "refuse_batch 4",
      "register_done 4",
      "query_winners 0",
    ]);
  });

  it("ends the connection when it is told to, without an answer", async () => {
    const served = serve();
    assert.deepEqual(await served.say(packet(0, "whatever")), []);
    assert.equal(served.peer.ends, 1);
    assert.deepEqual(served.peer.events, []);
  });

  it("skips codes that mean nothing, and goes on", async () => {
    const served = serve();
    assert.deepEqual(await served.say(packet(9, "1#"), packet(2, ""), done(1)), [OK]);
  });

  it("stores what a peer that is gone had sent, and finds it again", async () => {
    const desk = new WatchedDesk(3);
    const gone = serve(desk);
    const answers = gone.say(batch(bet()));
    gone.close();
    await answers;
    assert.equal(desk.lines, encodeLines([bet()]).toString());
    assert.deepEqual(await serve(desk).say(batch(bet())), [OK]);
    assert.equal(desk.lines, encodeLines([bet()]).toString());
  });

  it("answers what was asked before the peer ended its side", async () => {
    const served = serve();
    const answers = served.say(batch(bet()));
    served.conversation.ended();
    assert.deepEqual(await answers, [OK]);
    assert.equal(served.peer.ends, 1);
  });

  it("waits for the first message, the rest of one, and the next one, each as what it is", async () => {
    const served = serve();
    assert.equal(served.conversation.awaiting, "greeting");
    const bytes = done(1);
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

describe("a connection that ends within a packet", () => {
  for (const message of messages) {
    it(`of ${message.kind}, anywhere, leaves nothing behind`, async () => {
      const bytes = encodeAgency(message);
      for (let length = 1; length < bytes.length; length++) {
        const served = serve();
        assert.deepEqual(await served.say(bytes.subarray(0, length)), [], `${length} bytes`);
        served.conversation.ended();
        assert.deepEqual(served.complaints, ["FRAME_TRUNCATED"]);
        assert.equal(served.desk.lines, "");
        assert.equal(served.desk.book.standing(1 as AgencyId).done, false);
        assert.equal(served.peer.ends, 1);
      }
    });
  }
});
