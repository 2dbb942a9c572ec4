import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { UnnumberedVerdict } from "../../../../src/protocols/counter.ts";
import { FLAWS } from "../../../../src/lottery/flaw.ts";
import { agency, batch, CONFIRMATION, record, u32, winners, ZERO } from "./bytes.ts";
import { WatchedDesk } from "../../watched-desk.ts";
import { serve } from "./served.ts";

const HELLO = u32(1);

describe("a fixed70 conversation of the final version", () => {
  it("confirms every batch, waits for the draw, and tells the winners in one write", async () => {
    const desk = new WatchedDesk(2);
    const [one, two] = [serve(desk), serve(desk)];
    assert.deepEqual(await one.say(HELLO), []);
    assert.deepEqual(await one.say(batch(3, { number: 7574 })), [CONFIRMATION]);
    assert.deepEqual(await one.say(batch(1, { document: 5 })), [CONFIRMATION]);
    assert.deepEqual(await one.say(ZERO), []);
    assert.equal(one.conversation.awaiting, "central");
    assert.deepEqual(await two.say(u32(2), batch(2, { agency: 2 }), batch(1, { agency: 2 })), [
      CONFIRMATION,
      CONFIRMATION,
    ]);
    assert.deepEqual(await two.say(ZERO), [winners()]);
    assert.deepEqual(await one.answers(), [winners(30_000_000, 30_000_001, 30_000_002)]);
    assert.ok(one.ended && two.ended);
    assert.deepEqual(one.complaints, []);
  });

  it("tells the desk where each batch stands", async () => {
    const desk = new WatchedDesk(1);
    await serve(desk).say(HELLO, batch(3), batch(1));
    const offer = { agency: 1, single: false };
    assert.deepEqual(desk.offers, [
      { ...offer, count: 3, place: "run-start" },
      { ...offer, count: 1, place: "following" },
    ]);
  });

  it("stores nothing twice when a killed client is run again", async () => {
    const desk = new WatchedDesk(1);
    await serve(desk).say(HELLO, batch(3), batch(3, { document: 5 }));
    const stored = desk.lines;
    const again = serve(desk);
    await again.say(HELLO, batch(3), batch(3, { document: 5 }));
    assert.equal(desk.lines, stored);
    assert.deepEqual(await again.say(batch(1, { document: 9 }), ZERO), [CONFIRMATION, winners()]);
    assert.equal(desk.book.standing(agency(1)).bets, 7);
  });

  it("asks again while there is no room, and lets the client wait", async () => {
    const desk = new WatchedDesk(1);
    const served = serve(desk);
    desk.busy = 2;
    assert.deepEqual(await served.say(HELLO, batch(2), ZERO), []);
    assert.equal(served.conversation.awaiting, "central");
    served.clock.advance(5);
    assert.deepEqual(await served.answers(), []);
    served.clock.advance(5);
    assert.deepEqual(await served.answers(), [CONFIRMATION, winners()]);
    assert.equal(desk.book.standing(agency(1)).bets, 2);
  });

  const refused: readonly UnnumberedVerdict[] = [
    { kind: "invalid", flaw: { ...FLAWS.missing, index: 0 } },
    { kind: "late" },
  ];
  for (const verdict of refused) {
    it(`ends without a word what is refused as ${verdict.kind}`, async () => {
      const desk = new WatchedDesk(1);
      desk.verdict = verdict;
      const served = serve(desk);
      assert.deepEqual(await served.say(HELLO, batch(2), batch(1)), []);
      assert.ok(served.ended);
      assert.equal(desk.offers.length, 1);
    });
  }

  it("refuses bets after the end of all bets", async () => {
    const desk = new WatchedDesk(2);
    await serve(desk).say(HELLO, batch(3), batch(1), ZERO);
    const late = serve(desk);
    assert.deepEqual(await late.say(HELLO, batch(3), batch(2, { document: 9 })), [CONFIRMATION]);
    assert.ok(late.ended);
    assert.equal(desk.book.standing(agency(1)).bets, 4);
  });

  it("refuses a batch with a record of another agency than the hello's", async () => {
    const desk = new WatchedDesk(3);
    const served = serve(desk);
    const mixed = Buffer.concat([u32(2), record(), record({ agency: 2 })]);
    assert.deepEqual(await served.say(HELLO, mixed), []);
    assert.ok(served.ended);
    assert.deepEqual(desk.offers, [{ agency: 1, count: 2, place: "run-start", single: false }]);
    assert.equal(desk.lines, "");
  });

  it("ends the connection of a stranger, and says so in the log", async () => {
    const desk = new WatchedDesk(3);
    const served = serve(desk);
    assert.deepEqual(await served.say(u32(4), batch(2, { agency: 4 })), []);
    assert.ok(served.ended);
    const curious = serve(desk);
    await curious.say(u32(4), ZERO);
    curious.clock.advance(100);
    assert.deepEqual(await curious.say(ZERO), [CONFIRMATION]);
    assert.ok(curious.ended);
    assert.deepEqual(desk.strangers, ["refuse_batch 4", "query_winners 4"]);
  });

  it("ends an older connection of the same agency, also while that waits for the draw", async () => {
    const desk = new WatchedDesk(2);
    const [first, second] = [serve(desk), serve(desk)];
    await first.say(HELLO, batch(3));
    await second.say(HELLO, batch(3));
    assert.ok(first.ended);
    assert.deepEqual(await second.say(batch(1, { document: 5 }), ZERO), [CONFIRMATION]);
    const third = serve(desk);
    await third.say(HELLO, batch(3), batch(1, { document: 5 }), ZERO);
    assert.ok(second.ended);
    await desk.done(agency(2));
    assert.deepEqual(await second.answers(), []);
    assert.deepEqual(await third.answers(), [winners()]);
  });

  it("answers nothing that was taken over meanwhile", async () => {
    const desk = new WatchedDesk(1);
    const served = serve(desk);
    desk.busy = 1;
    await served.say(HELLO, batch(3));
    await serve(desk).say(HELLO, batch(3));
    served.clock.advance(1000);
    assert.deepEqual(await served.answers(), []);
    assert.equal(desk.book.standing(agency(1)).bets, 3);
  });

  it("tells more winners than one segment holds in parts", async () => {
    const desk = new WatchedDesk(1);
    const served = serve(desk);
    await served.say(HELLO);
    for (let sent = 0; sent < 10; sent++) {
      await served.say(batch(1800, { number: 7574, document: 1 + sent * 1800 }));
    }
    const parts = await served.say(batch(1, { number: 7574, document: 20_000 }), ZERO);
    assert.deepEqual(parts.length, 2);
    assert.ok(served.peer.drain());
    parts.push(...(await served.answers()));
    const bytes = Buffer.from(parts.slice(1).join(""), "hex");
    assert.equal(bytes.length, 4 + 4 * 18_001);
    assert.equal(bytes.readUInt32BE(0), 18_001);
    assert.equal(bytes.readUInt32BE(4), 1);
    assert.equal(bytes.readUInt32BE(4 * 18_001), 20_000);
    assert.ok(served.ended);
  });

  it("says nothing while the central stops", async () => {
    const served = serve(new WatchedDesk(1));
    await served.say(HELLO, batch(3), batch(2), ZERO);
    served.close("stopping");
    assert.deepEqual(await served.answers(), []);
  });
});

describe("a fixed70 conversation of ej5", () => {
  it("stores one bet, says ACK and ends", async () => {
    const desk = new WatchedDesk(1);
    const served = serve(desk);
    assert.deepEqual(await served.say(record({ number: 7574 })), [
      Buffer.from("ACK").toString("hex"),
    ]);
    assert.ok(served.ended);
    assert.deepEqual(desk.offers, [{ agency: 1, count: 1, place: "alone", single: true }]);
    assert.equal(desk.lines, "1,Ana,Paz,30000001,1990-01-31,7574\r\n");
  });

  it("ends without a word when the bet is refused", async () => {
    const served = serve(new WatchedDesk(1));
    assert.deepEqual(await served.say(record({ number: 10_000 })), []);
    assert.ok(served.ended);
  });

  it("does not end other connections of the agency", async () => {
    const desk = new WatchedDesk(1);
    const run = serve(desk);
    await run.say(HELLO, batch(2));
    await serve(desk).say(record());
    assert.ok(!run.ended);
  });
});

describe("a fixed70 conversation of ej6", () => {
  const ACK = Buffer.from("ACK\n").toString("hex");

  it("confirms batches, ends with the zero, and leaves the agency open", async () => {
    const desk = new WatchedDesk(1);
    const served = serve(desk);
    assert.deepEqual(await served.say(batch(3), batch(1)), [ACK, ACK]);
    assert.deepEqual(await served.say(ZERO), []);
    assert.ok(served.ended);
    assert.equal(desk.book.state, "open");
    const offer = { agency: 1, single: false };
    assert.deepEqual(desk.offers, [
      { ...offer, count: 3, place: "run-start" },
      { ...offer, count: 1, place: "following" },
    ]);
  });

  it("confirms the empty batch of a file that ends with a full one", async () => {
    const served = serve(new WatchedDesk(1));
    assert.deepEqual(await served.say(batch(3), batch(3), ZERO), [ACK, ACK, ACK]);
    assert.deepEqual(await served.say(ZERO), []);
    assert.ok(served.ended);
  });
});
