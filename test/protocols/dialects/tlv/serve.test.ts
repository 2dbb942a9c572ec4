import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { AgencyId, Bet } from "../../../../src/lottery/bet.ts";
import { encodeAgency } from "../../../../src/protocols/dialects/tlv/encode.ts";
import { packet } from "./codec.ts";
import { NO_WINNERS, NOT_YET, OK, REFUSED, serve, UNKNOWN } from "./served.ts";
import { bet } from "../../plain-bets.ts";

const batch = (...sent: Bet[]): Buffer => encodeAgency({ kind: "batch", bets: sent });
const done = (agency: number): Buffer => encodeAgency({ kind: "done", agency });
const winner = (agency: number, document: string): Bet =>
  bet({ agency: agency as AgencyId, document, number: 7574 });
const question = (agency: number): Buffer => encodeAgency({ kind: "question", agency });

describe("a central that speaks tlv", () => {
  it("says of each batch where it stands, counting from the first that is stored", async () => {
    const served = serve();
    const bad = batch(bet({ number: 10_000 }));
    await served.say(bad, packet(3, "0#"), batch(bet()), bad, batch(bet({ number: 1 })));
    assert.deepEqual(
      served.desk.offers.map(({ place }) => place),
      ["connection-start", "connection-start", "following", "following"],
    );
  });

  it("refuses an empty batch, without the desk and without a warning", async () => {
    const served = serve();
    assert.deepEqual(await served.say(packet(3, "0#")), [REFUSED]);
    assert.deepEqual(served.desk.offers, []);
    assert.deepEqual(served.peer.events, []);
    assert.equal(served.peer.ends, 0);
  });

  it("tells winners in packets of its own, any number of them on one connection", async () => {
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
});
