import assert from "node:assert/strict";
import { describe, it } from "node:test";
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

  it("refuses bets after the end of all bets", async () => {
    const desk = new WatchedDesk(2);
    await serve(desk).say(HELLO, batch(3), batch(1), ZERO);
    const late = serve(desk);
    assert.deepEqual(await late.say(HELLO, batch(3), batch(2, { document: 9 })), [CONFIRMATION]);
    assert.ok(late.ended);
    assert.equal(desk.book.standing(agency(1)).bets, 4);
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
});

it("a fixed70 central that stops leaves the question unanswered", async () => {
  const served = serve(new WatchedDesk(2));
  await served.say(HELLO, batch(3), batch(2), ZERO);
  served.close("stopping");
  await served.desk.done(agency(2));
  assert.deepEqual(await served.answers(), []);
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

// What the course's server does not survive: docs/protocols/fixed70.md.
describe("a fixed70 central survives", () => {
  it("a hello, a count and a record in pieces", async () => {
    const served = serve(new WatchedDesk(1));
    const bytes = Buffer.concat([HELLO, batch(2), batch(1, { document: 9 }), ZERO]);
    const answers = await served.say(...Array.from(bytes, (byte) => Buffer.of(byte)));
    assert.deepEqual(answers, [CONFIRMATION, CONFIRMATION, winners()]);
  });

  it("two batches and the question in one segment", async () => {
    const served = serve(new WatchedDesk(1));
    const bytes = Buffer.concat([HELLO, batch(2), batch(1, { document: 9 }), ZERO]);
    assert.deepEqual(await served.say(bytes), [CONFIRMATION, CONFIRMATION, winners()]);
  });

  it("bytes behind the question", async () => {
    const served = serve(new WatchedDesk(1));
    assert.deepEqual(await served.say(HELLO, batch(2), batch(1, { document: 9 })), [
      CONFIRMATION,
      CONFIRMATION,
    ]);
    assert.deepEqual(await served.say(Buffer.concat([ZERO, batch(5)])), [winners()]);
    assert.ok(served.ended);
    assert.ok(!served.desk.lines.includes("30000004"));
  });

  for (const [what, bytes] of [
    ["nothing", Buffer.alloc(0)],
    ["half a hello", Buffer.of(0, 0)],
    ["a hello", HELLO],
    ["half a batch", Buffer.concat([HELLO, batch(3).subarray(0, 100)])],
  ] as const) {
    it(`a connection that says ${what} and closes`, async () => {
      const desk = new WatchedDesk(1);
      const served = serve(desk);
      await served.say(bytes);
      await served.end();
      assert.ok(served.ended);
      assert.deepEqual(desk.offers, []);
      assert.deepEqual(served.complaints, bytes.length === 0 ? [] : ["FRAME_TRUNCATED"]);
      assert.deepEqual(await serve(desk).say(HELLO, batch(1)), [CONFIRMATION]);
    });
  }

  it("two connections of one agency do not interleave", async () => {
    const desk = new WatchedDesk(1);
    const [first, second] = [serve(desk), serve(desk)];
    await first.say(HELLO, batch(2));
    await second.say(HELLO, batch(2));
    await first.say(batch(2, { document: 77 }));
    assert.ok(!desk.lines.includes("77"));
    assert.deepEqual(await second.say(batch(1, { document: 9 })), [CONFIRMATION]);
  });
});
