import assert from "node:assert/strict";
import { describe, it } from "node:test";
import * as fc from "fast-check";
import { encodeLines } from "../../../../src/lottery/canonical-line.ts";
import { encodeAgency } from "../../../../src/protocols/dialects/tlv/encode.ts";
import { packet } from "./codec.ts";
import { WatchedDesk } from "../../watched-desk.ts";
import { NOT_YET, OK, REFUSED, serve } from "./served.ts";
import { bet, bets } from "../../plain-bets.ts";
import { pieces } from "../../cuts.ts";

// What the course's own central does wrong, or dies of: docs/protocols/tlv.md.

const ANA = "1#Ana#Paz#30000001#1990-01-31#7574#";

describe("a central that speaks tlv survives", () => {
  it("a packet cut within the last field, which keeps its number", async () => {
    const bytes = encodeAgency({ kind: "batch", bets: [bet({ number: 7574 })] });
    const cut = bytes.length - 2;
    const served = serve();
    assert.deepEqual(await served.say(bytes.subarray(0, cut), bytes.subarray(cut)), [OK]);
    assert.equal(served.desk.lines, encodeLines([bet({ number: 7574 })]).toString());
  });

  it("batches that come in segments of 1,448 bytes", async () => {
    const sent = bets(1000);
    const served = serve();
    const bytes = encodeAgency({ kind: "batch", bets: sent });
    assert.ok(bytes.length > 32_768);
    assert.deepEqual(await served.say(...pieces(bytes, [1448])), [OK]);
    assert.equal(served.desk.lines, encodeLines(sent).toString());
  });

  it("a header that comes by itself, or in two parts", async () => {
    const bytes = encodeAgency({ kind: "batch", bets: bets(3) });
    for (const sizes of [
      [5, bytes.length],
      [2, 3, bytes.length],
      [1, bytes.length],
    ]) {
      const served = serve();
      assert.deepEqual(await served.say(...pieces(bytes, sizes)), [OK]);
    }
  });

  it("two messages in one segment", async () => {
    const served = serve();
    const two = Buffer.concat(
      [bet({ number: 1 }), bet({ number: 2 })].map((each) =>
        encodeAgency({ kind: "batch", bets: [each] }),
      ),
    );
    assert.deepEqual(await served.say(two), [OK, OK]);
  });

  it("a peer that connects and closes, or is silent", () => {
    const served = serve();
    assert.equal(served.conversation.awaiting, "greeting");
    served.conversation.ended();
    assert.equal(served.peer.ends, 1);
    assert.deepEqual(served.peer.events, []);
  });

  it("two silent connections, beside which others are served", async () => {
    const desk = new WatchedDesk(1);
    const silent = [serve(desk), serve(desk)];
    await silent[1]?.say(Buffer.of(3, 0));
    const served = serve(desk);
    assert.deepEqual(await served.say(encodeAgency({ kind: "batch", bets: [bet()] })), [OK]);
    assert.ok(silent.every(({ conversation }) => conversation.awaiting === "greeting"));
  });

  it("a question before anything is stored, and those that come after it", async () => {
    const desk = new WatchedDesk(1);
    const question = encodeAgency({ kind: "question", agency: 1 });
    assert.deepEqual(await serve(desk).say(question, question), [NOT_YET, NOT_YET]);
    assert.deepEqual(await serve(desk).say(encodeAgency({ kind: "batch", bets: [bet()] })), [OK]);
    assert.deepEqual(await serve(desk).say(question), [NOT_YET]);
  });

  it("commas and quotes in names, which are no trouble to it", async () => {
    const odd = bet({ firstName: 'Ana, "la"', lastName: "Paz,Luz" });
    const served = serve();
    assert.deepEqual(await served.say(encodeAgency({ kind: "batch", bets: [odd] })), [OK]);
    assert.equal(served.desk.lines, encodeLines([odd]).toString());
  });

  it("an empty last name", async () => {
    const odd = bet({ lastName: "" });
    const served = serve();
    assert.deepEqual(await served.say(encodeAgency({ kind: "batch", bets: [odd] })), [OK]);
    assert.equal(served.desk.lines, encodeLines([odd]).toString());
  });

  for (const [what, body, count] of [
    ["a # in a name", "1#@0#1#A#na#Paz#30000001#1990-01-31#7574#", 1],
    ["a # in a name of the second bet", `2#@0#${ANA}@1#1#A#na#Paz#1#1990-01-31#1#`, 2],
    ["a count above the bets present", `3#@0#${ANA}@1#${ANA}`, 3],
    ["an enormous count", `4294967295#@0#${ANA}`, 4_294_967_295],
    ["a count below the bets present", `1#@0#${ANA}@1#${ANA}`, 1],
    ["a count of 0 and bets", `0#@0#${ANA}`, 0],
    ["a marker out of order", `2#@0#${ANA}@2#${ANA}`, 2],
    ["an empty first name", "1#@0#1##Paz#1#1990-01-31#1#", 1],
    ["an empty document", "1#@0#1#Ana#Paz##1990-01-31#1#", 1],
    ["an empty number", "1#@0#1#Ana#Paz#1#1990-01-31##", 1],
    ["an empty agency", "1#@0##Ana#Paz#1#1990-01-31#1#", 1],
    ["a date that is none", "1#@0#1#Ana#Paz#1#31/01/1990#1#", 1],
    ["a number that is none", "1#@0#1#Ana#Paz#1#1990-01-31#siete#", 1],
    ["a control character in a name", "1#@0#1#A\tna#Paz#1#1990-01-31#1#", 1],
    ["a line in a name", "1#@0#1#A\r\n1,B#Paz#1#1990-01-31#1#", 1],
    ["a name of 256 bytes", `1#@0#1#${"a".repeat(256)}#Paz#1#1990-01-31#1#`, 1],
    ["bytes that are not UTF-8", Buffer.from("1#@0#1#\xff\xfe#Paz#1#1990-01-31#1#", "latin1"), 1],
    ["half a letter", Buffer.from("1#@0#1#Ana\xc3#Paz#1#1990-01-31#1#", "latin1"), 1],
    ["no # at the end", `1#@0#${ANA.slice(0, -1)}`, 1],
  ] as const) {
    it(`${what}: refused whole, counted in the log, and the connection goes on`, async () => {
      const served = serve();
      assert.deepEqual(await served.say(packet(3, body)), [REFUSED]);
      assert.deepEqual(served.desk.refusedCounts, [count]);
      assert.equal(served.desk.lines, "");
      assert.deepEqual(await served.say(encodeAgency({ kind: "batch", bets: [bet()] })), [OK]);
    });
  }

  for (const [what, bytes, code] of [
    ["a body of digits only", packet(3, "12"), "MALFORMED"],
    ["an end of bets without #", packet(5, "1"), "MALFORMED"],
    ["a question that is empty", packet(6, ""), "MALFORMED"],
    ["a length over the limit", Buffer.from("03ffffffff31", "hex"), "FRAME_TOO_LARGE"],
  ] as const) {
    it(`${what}: closed without an answer, with a line in the log`, async () => {
      const served = serve();
      assert.deepEqual(await served.say(bytes), []);
      assert.deepEqual(served.complaints, [code]);
      assert.equal(served.peer.ends, 1);
      assert.deepEqual(served.desk.offers, []);
    });
  }

  it("garbage, of which it never stores a part", async () => {
    const good = encodeAgency({ kind: "batch", bets: bets(5) });
    const lines = encodeLines(bets(5)).toString();
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.tuple(fc.nat({ max: good.length - 1 }), fc.nat({ max: 255 })), {
          minLength: 1,
          maxLength: 3,
        }),
        async (changes) => {
          const bytes = Buffer.from(good);
          for (const [at, byte] of changes) bytes[at] = byte;
          const served = serve();
          await served.say(bytes);
          served.conversation.ended();
          // All five, some of them perhaps with another letter, or none.
          const stored = served.desk.lines;
          assert.equal(stored.split("\r\n").length - 1, stored === "" ? 0 : 5);
          if (bytes.equals(good)) assert.equal(stored, lines);
        },
      ),
      { numRuns: 300 },
    );
  });
});
