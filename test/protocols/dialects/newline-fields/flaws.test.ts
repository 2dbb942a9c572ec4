import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { encodeLines } from "../../../../src/lottery/canonical-line.ts";
import { betText } from "../../../../src/protocols/dialects/newline-fields/encode.ts";
import { WatchedDesk } from "../../watched-desk.ts";
import { bytewise } from "../../cuts.ts";
import { serve } from "./served.ts";
import { bet } from "../../plain-bets.ts";

const STORED = "Success :)\n\n";
const first = bet();
const third = bet({ document: "33", firstName: "Eva", lastName: "Rey" });
const batch = (...some: Parameters<typeof betText>[0][]): string =>
  `BET\n${some.map(betText).join("")}\n`;

/** Says it whole, and byte by byte, to a central of its own. */
async function sayBothWays(text: string | Uint8Array): Promise<WatchedDesk[]> {
  const desks = [];
  for (const chunks of [[text], bytewise(text)]) {
    const desk = new WatchedDesk(2);
    const served = serve(desk);
    assert.deepEqual(await served.say(...chunks), []);
    assert.equal(served.ended, true);
    desks.push(desk);
  }
  return desks;
}

describe("a flaw of the course's newline-fields that ours has not", () => {
  for (const [index, field] of [
    [1, "first name"],
    [2, "last name"],
    [3, "document"],
    [4, "birthdate"],
    [5, "number"],
  ] as const) {
    it(`an empty ${field} ends the message, and half a batch is stored`, async () => {
      const fields = betText(bet({ document: "22" })).split("\n");
      const broken = fields.with(index, "").join("\n");
      const text = `BET\n${betText(first)}${broken}${betText(third)}\n`;
      for (const desk of await sayBothWays(text)) {
        assert.equal(desk.lines, "");
        // The bet that was begun counts: that is what the log says was refused.
        assert.deepEqual(
          desk.offers.map(({ count }) => count),
          [2],
        );
      }
    });
  }

  it("a line break in a name shifts all fields behind it", async () => {
    for (const lastName of ["Paz\nSosa", "Paz\n", "\nPaz", "Paz\r\nSosa", "a\nb\nc\nd\ne\nf\ng"]) {
      const text = batch(first, bet({ document: "22", lastName }), third);
      for (const desk of await sayBothWays(text)) assert.equal(desk.lines, "");
    }
  });

  it("an agency that dies holds the others for ever, and cannot come back", async () => {
    const desk = new WatchedDesk(2);
    const [waits, dies, back] = [serve(desk), serve(desk), serve(desk)];
    await waits.say("CONFIRMATION\n1\n\n", "WINNERS\n1\n\n");
    await dies.say(batch(bet({ agency: 2 as never })));
    dies.close();
    await back.say(batch(bet({ agency: 2 as never })), "CONFIRMATION\n2\n\n");
    assert.deepEqual(await waits.answers(), ["\n\n\n"]);
    assert.deepEqual(await back.say("WINNERS\n2\n\n"), ["30000001\n\n\n"]);
  });

  it("what comes behind a message in the same segment is dropped", async () => {
    const desk = new WatchedDesk(1);
    const served = serve(desk);
    const said = await served.say(
      `${batch(first)}${batch(third)}CONFIRMATION\n1\n\nWINNERS\n1\n\n`,
    );
    assert.deepEqual(said, [STORED, STORED, "OK\n\n", "30000001\n33\n\n\n"]);
    assert.equal(desk.lines, encodeLines([first, third]).toString());
  });

  it("two that confirm together may draw twice or not at all", async () => {
    const desk = new WatchedDesk(2);
    const [one, other] = [serve(desk), serve(desk)];
    const said = await Promise.all([
      one.say("CONFIRMATION\n1\n\nWINNERS\n1\n\n"),
      other.say("CONFIRMATION\n2\n\nWINNERS\n2\n\n"),
    ]);
    assert.deepEqual(said, [
      ["OK\n\n", "\n\n\n"],
      ["OK\n\n", "\n\n\n"],
    ]);
  });

  it("a client that is run again is stored and paid twice", async () => {
    const desk = new WatchedDesk(1);
    await serve(desk).say(batch(first));
    const again = serve(desk);
    await again.say(batch(first), batch(third), "CONFIRMATION\n1\n\n");
    assert.deepEqual(await again.say("WINNERS\n1\n\n"), ["30000001\n33\n\n\n"]);
    assert.equal(desk.lines, encodeLines([first, third]).toString());
  });

  it("numbers or dates that are none kill the process that serves the agency", async () => {
    for (const [from, to] of [
      ["\n7574\n", "\nx\n"],
      ["\n7574\n", "\n75740\n"],
      ["\n1990-01-31\n", "\n31/01/1990\n"],
      ["\n30000001\n", "\n30.000.001\n"],
    ] as const) {
      for (const desk of await sayBothWays(batch(third, first).replace(from, to))) {
        assert.equal(desk.lines, "");
        assert.equal(desk.offers.length, 1);
      }
    }
  });
});

describe("a central that speaks newline-fields survives", () => {
  it("a connection that says nothing, and one that leaves at once", async () => {
    const desk = new WatchedDesk(1);
    const silent = serve(desk);
    assert.deepEqual(await silent.answers(), []);
    assert.equal(silent.conversation.awaiting, "greeting");
    const brief = serve(desk);
    brief.conversation.ended();
    brief.close();
    assert.equal(desk.offers.length, 0);
    assert.deepEqual(brief.log, []);
  });

  it("a connection that leaves in the middle of a message", async () => {
    const text = batch(first);
    for (let length = 1; length < text.length; length++) {
      const desk = new WatchedDesk(1);
      const served = serve(desk);
      assert.deepEqual(await served.say(text.slice(0, length)), []);
      served.conversation.ended();
      assert.deepEqual(served.log, ["warning protocol_violation: FRAME_TRUNCATED"]);
      assert.equal(desk.offers.length, 0);
    }
  });

  it("a first message that is cut anywhere", async () => {
    const text = batch(first);
    for (let at = 1; at < text.length; at++) {
      const desk = new WatchedDesk(1);
      assert.deepEqual(await serve(desk).say(text.slice(0, at), text.slice(at)), [STORED]);
      assert.equal(desk.lines, encodeLines([first]).toString());
    }
  });

  for (const [what, text] of [
    ["a batch", "BET\n1\nA\xf1a\nPaz\n30000001\n1990-01-31\n7574\n\n"],
    ["a batch that is not whole", "BET\n1\nA\xf1a\n\n"],
    ["a number", "BET\n1\nAna\nPaz\n\xf1\n1990-01-31\n7574\n\n"],
    ["a bet without a type", "1\nA\xf1a\nPaz\n30000001\n1990-01-31\n7574\n\n"],
    ["a confirmation", "CONFIRMATION\n\xf1\n\n"],
    ["no message at all", "\xf1\xf1\n\n"],
  ] as const) {
    it(`bytes that are not UTF-8, in ${what}, and says so`, async () => {
      const desk = new WatchedDesk(1);
      const served = serve(desk);
      const said = await served.say(Buffer.from(text, "latin1"));
      assert.deepEqual(said, ["Error al recibir msg :(\n\n"]);
      assert.equal(served.ended, true);
      assert.equal(desk.lines, "");
    });
  }

  it("names with what separates fields elsewhere, and stores them as they are", async () => {
    const odd = [
      `a,b`,
      `#7#`,
      `1:2:3`,
      `{x|y}`,
      `"Ana"`,
      ` Ana `,
      "BET",
      "WINNERS",
      "O'Higgins",
      "1",
    ];
    const bets = odd.map((name, index) =>
      bet({ firstName: name, lastName: name, document: String(index) }),
    );
    const desk = new WatchedDesk(1);
    assert.deepEqual(await serve(desk).say(batch(...bets)), [STORED]);
    assert.equal(desk.lines, encodeLines(bets).toString());
  });

  it("a message without an end, of which it keeps no more than the limit", async () => {
    const served = serve(new WatchedDesk(1), { courseFrameBytesMax: 10_000 });
    const chunk = Buffer.alloc(3000, "9");
    assert.deepEqual(await served.say("BET\n", chunk, chunk, chunk), []);
    assert.equal(served.ended, false);
    assert.deepEqual(await served.say(chunk), []);
    assert.deepEqual(served.log, ["warning protocol_violation: FRAME_TOO_LARGE"]);
  });

  it("garbage behind a good beginning, and keeps what was confirmed", async () => {
    const desk = new WatchedDesk(1);
    const served = serve(desk);
    assert.deepEqual(await served.say(batch(first), Buffer.alloc(500, 0xa5)), [STORED]);
    assert.deepEqual(await served.say("\n\n"), ["Error al recibir msg :(\n\n"]);
    assert.equal(served.ended, true);
    assert.equal(desk.lines, encodeLines([first]).toString());
  });
});

describe("a limit of newline-fields", () => {
  it("an agency's number that is empty ends a batch between two bets: those before are one", async () => {
    const desk = new WatchedDesk(1);
    const served = serve(desk);
    const said = await served.say(batch(first, third).replace("7574\n1\nEva", "7574\n\nEva"));
    assert.deepEqual(said, [STORED]);
    assert.equal(served.ended, true);
    assert.deepEqual(served.log, ["warning protocol_violation: UNKNOWN_TYPE"]);
    assert.equal(desk.lines, encodeLines([first]).toString());
  });
});
