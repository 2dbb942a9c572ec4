import assert from "node:assert/strict";
import { describe, it } from "node:test";
import * as fc from "fast-check";
import { encodeLines } from "../../../../src/lottery/canonical-line.ts";
import { encodeAgency } from "../../../../src/protocols/dialects/md5-frames/encode.ts";
import { WatchedDesk } from "../../watched-desk.ts";
import { frame, payloadIn } from "./codec.ts";
import { FAILURE, NO_WINNERS, serve, SUCCESS } from "./served.ts";
import type { Served } from "../../served.ts";
import { bet, bets } from "../../plain-bets.ts";
import { pieces } from "../../cuts.ts";

// What the course's own central does wrong, or suffers from: docs/protocols/md5-frames.md.

const ANA = "{agency:1,nombre:Ana,apellido:Paz,dni:30000001,nacimiento:1990-01-31,numero:7574}";

const batch = encodeAgency({ kind: "batch", bets: [bet()] });
const done = (agency: number): Buffer => encodeAgency({ kind: "done", agency });
const question = (agency: number): Buffer => encodeAgency({ kind: "question", agency });

describe("a central that speaks md5-frames survives", () => {
  it("five agencies of which three end early: one draw, of all five, whoever asks when", async () => {
    const desk = new WatchedDesk(5);
    const asking: Served[] = [];
    for (const agency of [5, 4, 3]) {
      await serve(desk).say(done(agency));
      const served = serve(desk);
      assert.deepEqual(await served.say(question(agency)), []);
      asking.push(served);
    }
    assert.deepEqual(await serve(desk).say(batch), [SUCCESS]);
    await serve(desk).say(done(1), done(2));
    for (const served of asking) assert.deepEqual(await served.answers(), [NO_WINNERS]);
    assert.deepEqual(await serve(desk).say(question(1)), ["{ganadores:30000001}"]);
  });

  it("an agency that ends three times: it does not count for the others", async () => {
    const served = serve();
    await served.say(done(1), done(1), done(1));
    assert.equal(served.desk.book.state, "open");
    assert.deepEqual(await serve(served.desk).say(question(1)), []);
  });

  it("a peer that connects and closes, saying nothing", async () => {
    const served = serve();
    assert.equal(served.conversation.awaiting, "greeting");
    await served.end();
    assert.equal(served.ended, true);
    assert.deepEqual(served.peer.events, []);
  });

  it("silent connections and half a frame, beside which others are served", async () => {
    const desk = new WatchedDesk(1);
    const silent = [serve(desk), serve(desk)];
    await silent[1]?.say(batch.subarray(0, 30));
    assert.deepEqual(await serve(desk).say(batch), [SUCCESS]);
    assert.ok(silent.every(({ conversation }) => conversation.awaiting === "greeting"));
  });

  it("a frame that comes byte by byte, or in segments of 1,448 bytes", async () => {
    const sent = bets(120);
    const bytes = encodeAgency({ kind: "batch", bets: sent });
    assert.ok(bytes.length > 8192);
    for (const sizes of [[1], [1448], [4, 2, 16, 9000]]) {
      const served = serve();
      assert.deepEqual(await served.say(...pieces(bytes, sizes)), [SUCCESS]);
      assert.equal(served.desk.lines, encodeLines(sent).toString());
    }
  });

  it("two messages in one segment", async () => {
    const other = encodeAgency({ kind: "batch", bets: [bet({ number: 2 })] });
    assert.deepEqual(await serve().say(Buffer.concat([batch, other])), [SUCCESS, SUCCESS]);
  });

  it("an identifier that is not the payload's", async () => {
    assert.deepEqual(await serve().say(frame(3, ANA, Buffer.alloc(16))), [SUCCESS]);
  });

  it("an empty last name, colons, and braces within names", async () => {
    const odd = bet({ firstName: 'A:na "{la}', lastName: "" });
    const served = serve();
    assert.deepEqual(await served.say(encodeAgency({ kind: "batch", bets: [odd] })), [SUCCESS]);
    assert.equal(served.desk.lines, encodeLines([odd]).toString());
  });

  it("a name that makes pairs of its own: the last of a key counts, here as there", async () => {
    const served = serve();
    const odd = bet({ firstName: "Eva,color:blue,nombre:Ana" });
    assert.deepEqual(await served.say(encodeAgency({ kind: "batch", bets: [odd] })), [SUCCESS]);
    assert.equal(served.desk.lines, encodeLines([bet()]).toString());
  });

  for (const [what, payload, count] of [
    ["a comma in a name", ANA.replace("Ana", "A,na"), 1],
    ["a comma in a name of the second bet", `${ANA}|${ANA.replace("Paz", "Paz,Luz")}`, 2],
    ["a | in a name", ANA.replace("Ana", "A|na"), 2],
    ["a | too many", `${ANA}|`, 2],
    ["no bets", "", 1],
    ["nothing but bars", "|".repeat(1000), 1001],
    ["a key that is missing", ANA.replace("dni:30000001,", ""), 1],
    ["an empty first name", ANA.replace("Ana", ""), 1],
    ["a first name of spaces", ANA.replace("Ana", "  \u00a0"), 1],
    ["an empty document", ANA.replace("30000001", ""), 1],
    ["an empty number", ANA.replace("7574", ""), 1],
    ["an empty agency", ANA.replace(":1,", ":,"), 1],
    ["a date that is none", ANA.replace("1990-01-31", "31/01/1990"), 1],
    ["a number that is none", ANA.replace("7574", "siete"), 1],
    ["a number with a sign", ANA.replace("7574", "+7574"), 1],
    ["a control character in a name", ANA.replace("Ana", "A\tna"), 1],
    ["a line in a name", ANA.replace("Ana", "A\r\n1,B"), 1],
    ["a name of 256 bytes", ANA.replace("Ana", "a".repeat(256)), 1],
    ["bytes that are not UTF-8", Buffer.from(ANA.replace("Ana", "\xff\xfe"), "latin1"), 1],
    ["half a letter", Buffer.from(ANA.replace("Ana", "Ana\xc3"), "latin1"), 1],
    ["two agencies", `${ANA}|${ANA.replace("1", "2")}`, 2],
  ] as const) {
    it(`${what}: refused whole, counted in the log, and the connection goes on`, async () => {
      const served = serve();
      assert.deepEqual(await served.say(frame(3, payload)), [FAILURE]);
      assert.deepEqual(served.desk.refusedCounts, [count]);
      assert.equal(served.desk.lines, "");
      assert.deepEqual(await served.say(batch), [SUCCESS]);
    });
  }

  for (const [what, bytes, code] of [
    ["a length below 18", Buffer.from(`00000011${"00".repeat(30)}`, "hex"), "MALFORMED"],
    ["a length over the limit", Buffer.from("ffffffff0003", "hex"), "FRAME_TOO_LARGE"],
    ["a type that nobody has", frame(9, ANA), "UNKNOWN_TYPE"],
    ["an answer", frame(2, "{result:success}"), "UNKNOWN_TYPE"],
  ] as const) {
    it(`${what}: closed without an answer, with a line in the log`, async () => {
      const served = serve();
      assert.deepEqual(await served.say(bytes), []);
      assert.deepEqual(served.complaints, [code]);
      assert.equal(served.ended, true);
      assert.deepEqual(served.desk.offers, []);
    });
  }

  it("a run that comes again, which is stored once and wins once", async () => {
    const desk = new WatchedDesk(1);
    for (let run = 0; run < 3; run++) {
      for (const message of [batch, encodeAgency({ kind: "batch", bets: bets(3) }), done(1)]) {
        assert.deepEqual(await serve(desk).say(message), [SUCCESS]);
      }
      assert.deepEqual(await serve(desk).say(question(1)), ["{ganadores:30000001}"]);
    }
    assert.equal(desk.lines, encodeLines([bet(), ...bets(3)]).toString());
  });

  it("garbage, of which it never stores a part", async () => {
    const good = encodeAgency({ kind: "batch", bets: bets(5) });
    const change = fc.tuple(fc.nat({ max: good.length - 1 }), fc.nat({ max: 255 }));
    await fc.assert(
      fc.asyncProperty(fc.array(change, { minLength: 1, maxLength: 3 }), async (changes) => {
        const bytes = Buffer.from(good);
        for (const [at, byte] of changes) bytes[at] = byte;
        const served = serve();
        await served.say(bytes);
        await served.end();
        // All that the frame has by its own length, some of them perhaps with another letter, or none. A
        // lost bar makes one bet of two, and in a frame of type 1 a bar is a letter.
        const rows = served.desk.lines.split("\r\n").length - 1;
        const payload = payloadIn(bytes.subarray(0, 4 + bytes.readUInt32BE()));
        const parts = payload.toString("latin1").split("|").length;
        assert.ok(rows === 0 || rows === (bytes[5] === 1 ? 1 : parts), `${rows} of ${parts}`);
      }),
      { numRuns: 300 },
    );
  });
});
