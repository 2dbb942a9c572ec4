import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { AgencyId } from "../../../../src/lottery/bet.ts";
import { SINGLE_BET_PAUSE_MS } from "../../../../src/protocols/dialects/colon-lines/wire.ts";
import { WatchedDesk } from "../../watched-desk.ts";
import { serve } from "./served.ts";

const ANA = "Ana,Paz,30000001,1990-01-31,7574\n";
const EVA = "Eva,Gil,30000002,1990-01-31,1\n";
const STORED_ANA = "1,Ana,Paz,30000001,1990-01-31,7574\r\n";
const STORED_EVA = "1,Eva,Gil,30000002,1990-01-31,1\r\n";

const TAKEN = "server:0\r\n";
const REFUSED = "server:1\r\n";
const NOT_YET = "server:2\r\n";

describe("the central's side of colon-lines", () => {
  it("serves an agency from its first batch to its winners, on one connection", async () => {
    const served = serve(new WatchedDesk(1));
    assert.equal(await served.say(`1:4:${ANA}\r\n`), TAKEN);
    assert.equal(await served.say(`1:4:${EVA}\r\n`), TAKEN);
    assert.equal(await served.say("1:6\r\n"), NOT_YET);
    assert.equal(await served.say("1:5\r\n"), TAKEN);
    assert.equal(await served.say("1:6\r\n"), "server:3:1,Ana,Paz,30000001,1990-01-31,7574\n\r\n");
    assert.equal(served.desk.lines, STORED_ANA + STORED_EVA);
    assert.equal(served.peer.ends, 0);
    served.conversation.ended();
    assert.equal(served.peer.ends, 1);
    assert.deepEqual(served.peer.events, []);
  });

  it("tells the desk where batches stand, and what is a single bet", async () => {
    const desk = new WatchedDesk(2);
    const final = serve(desk);
    await final.say(`1:4:${ANA}${EVA}\r\n`, `1:4:${ANA}\r\n`);
    await serve(desk).say(`2:${ANA}\r\n`);
    const single = serve(desk);
    await single.say(`2:${EVA}`);
    await single.wait(SINGLE_BET_PAUSE_MS);
    assert.deepEqual(desk.offers, [
      { agency: 1, count: 2, place: "connection-start", single: false },
      { agency: 1, count: 1, place: "following", single: false },
      { agency: 2, count: 1, place: "connection-start", single: false },
      { agency: 2, count: 1, place: "alone", single: true },
    ]);
  });

  it("refuses bets behind the end, and everything of agencies that do not exist", async () => {
    const desk = new WatchedDesk(1);
    const served = serve(desk);
    await served.say("1:5\r\n");
    assert.equal(await served.say(`1:4:${ANA}\r\n`), REFUSED);
    for (const text of ["2:5\r\n", "2:6\r\n", "0:6\r\n", `2:4:${ANA}\r\n`, "4294967296:5\r\n"]) {
      const stranger = serve(desk);
      assert.equal(await stranger.say(text), REFUSED, text);
      assert.equal(stranger.peer.ends, 1);
    }
    assert.equal(desk.lines, "");
  });

  it("says in the log who asked for winners without being an agency", async () => {
    const desk = new WatchedDesk(1);
    await serve(desk).say("9:6\r\n");
    assert.deepEqual(desk.strangers, ["query_winners 9"]);
  });

  it("drops the zeros in front of a sender, and of numbers", async () => {
    const served = serve(new WatchedDesk(1));
    assert.equal(await served.say("001:4:Ana,Paz,0030000001,1990-01-31,0007\n\r\n"), TAKEN);
    assert.equal(served.desk.lines, "1,Ana,Paz,0030000001,1990-01-31,7\r\n");
  });

  it("answers a batch without a type in its own words, and ends", async () => {
    for (const [line, answer] of [
      [EVA, "server:0\n"],
      [EVA.replace(",1\n", ",x\n"), "server:1\n"],
    ] as const) {
      const served = serve(new WatchedDesk(1));
      assert.equal(await served.say(`1:${ANA}${line}\r\n`), answer);
      assert.equal(served.ended, true);
    }
  });

  it("is one agency's connection", async () => {
    const served = serve(new WatchedDesk(2));
    await served.say(`1:4:${ANA}\r\n`);
    assert.equal(await served.say("2:5\r\n"), REFUSED);
    assert.equal(served.peer.ends, 1);
    assert.deepEqual(served.complaints, ["UNEXPECTED_MESSAGE"]);
  });
});

describe("a single bet of exercise 5", () => {
  it("is taken once nothing has followed its line, and the connection ends", async () => {
    const served = serve(new WatchedDesk(1));
    assert.equal(await served.say(`1:${ANA}`), "");
    assert.equal(await served.wait(SINGLE_BET_PAUSE_MS - 1), "");
    assert.equal(served.desk.lines, "");
    assert.equal(await served.wait(1), "server:0\n");
    assert.equal(served.peer.ends, 1);
    assert.equal(served.desk.lines, STORED_ANA);
  });

  it("is refused in its own words", async () => {
    const served = serve(new WatchedDesk(1));
    await served.say("1:Ana,Paz,30000001,1990-02-31,7574\n");
    assert.equal(await served.wait(SINGLE_BET_PAUSE_MS), "server:1\n");
    assert.equal(served.peer.ends, 1);
  });

  const batch = `1:${ANA}${EVA}\r\n`;
  const one = `1:${ANA}\r\n`;
  for (const [what, text, stored] of [
    ["two bets", batch, STORED_ANA + STORED_EVA],
    ["one bet", one, STORED_ANA],
  ] as const) {
    it(`is no batch of exercise 6 of ${what}, wherever that is cut`, async () => {
      for (let cut = 1; cut < text.length; cut++) {
        const desk = new WatchedDesk(1);
        const served = serve(desk);
        assert.equal(await served.say(text.slice(0, cut)), "");
        assert.equal(await served.wait(SINGLE_BET_PAUSE_MS - 1), "", `cut at ${cut}`);
        assert.equal(await served.say(text.slice(cut)), "server:0\n", `cut at ${cut}`);
        assert.equal(served.clock.timers, 0);
        assert.equal(desk.lines, stored);
        assert.equal(desk.offers[0]?.single, false);
      }
    });
  }

  it("is not what a client was killed in, right behind the first line of its batch", async () => {
    const served = serve(new WatchedDesk(1));
    await served.say(`1:${ANA}`);
    served.conversation.ended();
    await served.wait(SINGLE_BET_PAUSE_MS);
    assert.equal(served.desk.lines, "");
    assert.deepEqual(served.complaints, ["FRAME_TRUNCATED"]);
  });

  it("may not come behind a message with a type", async () => {
    const served = serve(new WatchedDesk(1));
    await served.say(`1:4:${EVA}\r\n`);
    await served.say(`1:${ANA}`);
    assert.equal(await served.wait(SINGLE_BET_PAUSE_MS), "server:1\n");
    assert.equal(served.desk.lines, STORED_EVA);
  });

  it("is not decided while more has come and waits for room to be looked at", async () => {
    const served = serve(new WatchedDesk(1));
    await served.say(`1:${ANA}`);
    const steps = served.conversation.receive(Buffer.from(`${EVA}\r\n`));
    served.clock.advance(SINGLE_BET_PAUSE_MS);
    while (!served.conversation.occupied && steps.next().done !== true);
    assert.equal(await served.answers(), "server:0\n");
    assert.equal(served.desk.lines, STORED_ANA + STORED_EVA);
  });
});

describe("winners of colon-lines", () => {
  it("are told as they are stored, names unquoted", async () => {
    const desk = new WatchedDesk(1);
    const served = serve(desk);
    await served.say('1:4:Ana "la" Paz,,05123456,1990-01-31,7574\n\r\n', "1:5\r\n");
    assert.equal(
      await served.say("1:6\r\n"),
      'server:3:1,Ana "la" Paz,,05123456,1990-01-31,7574\n\r\n',
    );
    assert.equal(desk.book.winners(1 as AgencyId).count, 1);
  });
});
