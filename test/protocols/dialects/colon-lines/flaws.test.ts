import assert from "node:assert/strict";
import { describe, it } from "node:test";
import * as fc from "fast-check";
import { SINGLE_BET_PAUSE_MS } from "../../../../src/protocols/dialects/colon-lines/wire.ts";
import { WatchedDesk } from "../../watched-desk.ts";
import { bytewise } from "../../cuts.ts";
import { serve } from "./served.ts";
import { AGENCY, bets } from "../../plain-bets.ts";

const GOOD = "Ana,Paz,30000001,1990-01-31,7574\n";
const STORED = "1,Ana,Paz,30000001,1990-01-31,7574\r\n";
const REFUSED = "server:1\r\n";

/** The flaws of the course's programs, none of which our central has. */
describe("our central, where the course's server fails,", () => {
  it("has stored a batch when it says so", async () => {
    const desk = new WatchedDesk(1);
    const served = serve(desk);
    served.peer.send = () => assert.equal(desk.lines, STORED);
    await served.say(`1:4:${GOOD}\r\n`);
  });

  const broken: Readonly<Record<string, string>> = {
    "a comma in a name": "Ana, María,Paz,30000001,1990-01-31,7574\n",
    "a line break in a name": "Ana\nMaría,Paz,30000001,1990-01-31,7574\n",
    "a quoted field": '"Ana, María",Paz,30000001,1990-01-31,7574\n',
    "a field too few": "Ana,30000001,1990-01-31,7574\n",
    "an empty line": "\n",
    "an empty first name": ",Paz,30000001,1990-01-31,7574\n",
    "an empty document": "Ana,Paz,,1990-01-31,7574\n",
    "an empty number": "Ana,Paz,30000001,1990-01-31,\n",
    "a date that is none": "Ana,Paz,30000001,1990-02-30,7574\n",
    "a number of five digits": "Ana,Paz,30000001,1990-01-31,75740\n",
    "a number that is none": "Ana,Paz,30000001,1990-01-31,0x1D\n",
    "a document of eleven digits": "Ana,Paz,12345678901,1990-01-31,1\n",
    "a control character": "Ana\0,Paz,30000001,1990-01-31,7574\n",
    "a line without its end": "Ana,Paz,30000001,1990-01-31,7574",
    "nothing but commas": `${",".repeat(1000)}\n`,
  };
  for (const [what, line] of Object.entries(broken)) {
    for (const prefix of ["1:4:", "1:"]) {
      it(`stores nothing of a batch with ${what} (${prefix})`, async () => {
        const desk = new WatchedDesk(1);
        const served = serve(desk);
        const answer = await served.say(`${prefix}${GOOD}${line}\r\n`);
        assert.equal(answer, prefix === "1:" ? "server:1\n" : REFUSED);
        assert.equal(served.peer.ends, 1);
        assert.equal(desk.lines, "");
        const { agency, count } = desk.offers[0] ?? assert.fail();
        assert.deepEqual([agency, count], [1, 1 + (line.match(/\n|[^\n]$/g)?.length ?? 0)]);
      });
    }
  }

  it("stores nothing of a batch whose text is not UTF-8", async () => {
    const served = serve(new WatchedDesk(1));
    const bad = Buffer.from(`1:4:${GOOD}Ana\u00ff,Paz,30000002,1990-01-31,1\n\r\n`, "latin1");
    assert.equal(await served.say(bad), REFUSED);
    assert.equal(served.desk.lines, "");
  });

  it("takes a colon in a name, which nothing forbids", async () => {
    const served = serve(new WatchedDesk(1));
    assert.equal(await served.say(`1:4:${GOOD.replace("Ana", "A:4:B")}\r\n`), "server:0\r\n");
    assert.equal(served.desk.lines, STORED.replace("Ana", "A:4:B"));
  });

  it("takes a `#`, quotes and an empty last name", async () => {
    const served = serve(new WatchedDesk(1));
    assert.equal(await served.say('1:4:A#"n"a,,1,1990-01-31,1\n\r\n'), "server:0\r\n");
    assert.equal(served.desk.lines, '1,"A#""n""a",,1,1990-01-31,1\r\n');
  });

  it("takes two messages that arrive in one segment one after the other", async () => {
    const served = serve(new WatchedDesk(1));
    const answers = await served.say(`1:4:${GOOD}\r\n1:4:${GOOD.replace("Ana", "Eva")}\r\n1:5\r\n`);
    assert.equal(answers + (await served.answers()), "server:0\r\n".repeat(3));
    assert.equal(served.desk.lines, STORED + STORED.replace("Ana", "Eva"));
  });

  const garbage: Readonly<Record<string, string>> = {
    "a batch without its second colon": "1:4\r\n",
    "CR LF alone": "\r\n",
    "a batch without lines": "1:4:\r\n",
    "an unknown type": "1:9\r\n",
    "the central's own words": "server:0\r\n",
    "an end with a body": "1:5:1\r\n",
    "a question with a body": "1:6:\r\n",
    "no sender": ":4:A\r\n",
    "a sender of eleven digits": `12345678901:4:${GOOD}\r\n`,
    "a sender of very many digits": `${"9".repeat(1000)}:4:${GOOD}\r\n`,
    "digits alone": "4\r\n",
    "other text": "hello\r\n",
  };
  for (const [what, text] of Object.entries(garbage)) {
    it(`refuses ${what} and ends, at the beginning and later, in one piece and in many`, async () => {
      for (const opening of ["", `1:4:${GOOD}\r\n`]) {
        for (const pieces of [[text], bytewise(text)]) {
          const served = serve(new WatchedDesk(1));
          if (opening !== "") await served.say(opening);
          assert.equal(await served.say(...pieces), REFUSED);
          assert.equal(served.peer.ends, 1);
          assert.equal(served.desk.lines, opening === "" ? "" : STORED);
        }
      }
    });
  }

  it("ends with a client that connects and closes, and keeps nothing of it", async () => {
    const served = serve(new WatchedDesk(1));
    served.conversation.ended();
    assert.equal(served.peer.ends, 1);
    assert.equal(served.clock.timers, 0);
    assert.deepEqual(served.peer.events, []);
  });

  it("stores nothing of half a message, wherever the client goes away", async () => {
    const text = `1:4:${GOOD}${GOOD}\r\n`;
    for (let cut = 1; cut < text.length; cut++) {
      const served = serve(new WatchedDesk(1));
      await served.say(text.slice(0, cut));
      served.conversation.ended();
      assert.equal(served.peer.ends, 1);
      assert.equal(await served.wait(SINGLE_BET_PAUSE_MS), REFUSED);
      assert.equal(served.desk.lines, "");
    }
  });

  it("waits for what a silent connection owes, so that its deadlines count", async () => {
    const served = serve(new WatchedDesk(1));
    assert.equal(served.conversation.awaiting, "greeting");
    await served.say("1:4:A");
    assert.equal(served.conversation.awaiting, "greeting");
    await served.say(",B,1,1990-01-31,1\n\r\n");
    assert.equal(served.conversation.awaiting, "message");
    await served.say("1:");
    assert.equal(served.conversation.awaiting, "rest");
  });

  it("takes a message as long as the limit, and keeps nothing of a longer one", async () => {
    const lines = bets(3).map((bet) => `Ana,Paz,${bet.document},1990-01-31,1\n`);
    const text = `1:4:${lines.join("")}\r\n`;
    assert.equal(
      await serve(new WatchedDesk(1), { courseFrameBytesMax: text.length }).say(text),
      "server:0\r\n",
    );
    for (const pieces of [[text], bytewise(text)]) {
      const served = serve(new WatchedDesk(1), { courseFrameBytesMax: text.length - 1 });
      assert.equal(await served.say(...pieces), REFUSED);
      assert.equal(served.peer.events[0]?.event["code"], "FRAME_TOO_LARGE");
      assert.equal(served.desk.lines, "");
    }
  });

  it("stores a run once that comes again after a crash", async () => {
    const desk = new WatchedDesk(1);
    const batches = bets(7).map((bet) => `1:4:Ana,Paz,${bet.document},1990-01-31,1\n\r\n`);
    for (let killedAfter = 0; killedAfter <= batches.length; killedAfter++) {
      const served = serve(desk);
      for (const batch of batches.slice(0, killedAfter)) await served.say(batch);
      served.close();
    }
    assert.equal(desk.lines.split("\r\n").length - 1, 7);
    assert.equal(desk.book.standing(AGENCY).bets, 7);
  });

  it("survives whatever bytes come", async () => {
    const piece = fc.oneof(
      fc.constantFrom("1:", "4:", "1:4:", "1:5", "1:6", "\r\n", "\n", "\r", ",", GOOD, "server:0"),
      fc.string({ unit: "binary", maxLength: 8 }),
    );
    await fc.assert(
      fc.asyncProperty(fc.array(piece, { maxLength: 12 }), async (pieces) => {
        const served = serve(new WatchedDesk(1));
        await served.say(...pieces);
        served.conversation.ended();
        await served.wait(SINGLE_BET_PAUSE_MS);
        assert.ok(served.peer.ends > 0);
        assert.equal(served.clock.timers, 0);
        assert.match(served.desk.lines, /^(?:1,[^\n]*\r\n)*$/);
      }),
      { numRuns: 300 },
    );
  });
});
