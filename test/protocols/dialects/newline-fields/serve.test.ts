import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { encodeLines } from "../../../../src/lottery/canonical-line.ts";
import { betText } from "../../../../src/protocols/dialects/newline-fields/encode.ts";
import { WatchedDesk } from "../../watched-desk.ts";
import { serve } from "./served.ts";
import { bet } from "../../plain-bets.ts";

const STORED = ["Success :)\n\n"];
const NOTED = ["OK\n\n"];
const batch = (...some: Parameters<typeof betText>[0][]): string =>
  `BET\n${some.map(betText).join("")}\n`;

describe("a central that speaks newline-fields", () => {
  it("serves a whole run on one connection", async () => {
    const desk = new WatchedDesk(1);
    const served = serve(desk);
    const sent = [bet(), bet({ document: "31", number: 1 }), bet({ document: "032" })];
    assert.deepEqual(await served.say(batch(...sent.slice(0, 2))), STORED);
    assert.deepEqual(await served.say(batch(...sent.slice(2))), STORED);
    assert.deepEqual(await served.say("CONFIRMATION\n1\n\n"), NOTED);
    assert.deepEqual(await served.say("WINNERS\n1\n\n"), ["30000001\n032\n\n\n"]);
    assert.equal(served.ended, true);
    assert.equal(desk.lines, encodeLines(sent).toString());
    assert.deepEqual(
      desk.offers.map(({ place, single }) => [place, single]),
      [
        ["connection-start", false],
        ["following", false],
      ],
    );
    assert.deepEqual(served.complaints, []);
  });

  it("tells that nobody won", async () => {
    const served = serve(new WatchedDesk(1));
    await served.say(batch(bet({ number: 7 })), "CONFIRMATION\n1\n\n");
    assert.deepEqual(await served.say("WINNERS\n1\n\n"), ["\n\n\n"]);
  });

  it("takes a message of many pieces, and messages that come together", async () => {
    const desk = new WatchedDesk(1);
    const served = serve(desk);
    const text = `${batch(bet())}BET\n\n${batch(bet({ document: "2" }))}CONFIRMATION\n1\n\n`;
    const said = await served.say(text.slice(0, 20), text.slice(20));
    assert.deepEqual(said, [...STORED, ...STORED, ...STORED, ...NOTED]);
    assert.equal(desk.lines, encodeLines([bet(), bet({ document: "2" })]).toString());
  });

  it("confirms an empty batch without storing anything", async () => {
    const desk = new WatchedDesk(1);
    const served = serve(desk);
    assert.deepEqual(await served.say("BET\n\n"), STORED);
    assert.equal(desk.offers.length, 0);
    assert.deepEqual(await served.say(batch(bet())), STORED);
    assert.equal(desk.offers[0]?.place, "connection-start");
  });

  it("refuses a batch of strangers, and says so in the log", async () => {
    const desk = new WatchedDesk(2);
    for (const agency of ["3", "0", "x", "99999999999"]) {
      const served = serve(desk);
      const text = batch(bet()).replace("\n1\n", `\n${agency}\n`);
      assert.deepEqual(await served.say(text), []);
      assert.equal(served.ended, true);
    }
    assert.deepEqual(
      desk.strangers,
      [3, 0, Number.NaN, Number.NaN].map((agency) => `refuse_batch ${agency}`),
    );
  });

  for (const [type, action] of [
    ["CONFIRMATION", "register_done"],
    ["WINNERS", "query_winners"],
  ] as const) {
    it(`ends when a stranger sends ${type}, and logs it`, async () => {
      const desk = new WatchedDesk(2);
      const served = serve(desk);
      assert.deepEqual(await served.say(`${type}\n3\n\n`), []);
      assert.equal(served.ended, true);
      assert.deepEqual(desk.strangers, [`${action} 3`]);
    });

    it(`ends when ${type} names another agency than the connection's`, async () => {
      const desk = new WatchedDesk(2);
      const served = serve(desk);
      assert.deepEqual(await served.say(batch(bet())), STORED);
      assert.deepEqual(await served.say(`${type}\n2\n\n`), []);
      assert.equal(served.ended, true);
      assert.deepEqual(served.complaints, ["UNEXPECTED_MESSAGE"]);
    });
  }

  it("refuses a batch of another agency than the connection's, as the desk does", async () => {
    const desk = new WatchedDesk(2);
    const served = serve(desk);
    await served.say(batch(bet()));
    assert.deepEqual(await served.say(batch(bet({ agency: 2 as never }))), []);
    assert.equal(served.ended, true);
    assert.equal(desk.offers[1]?.agency, 1);
    assert.equal(desk.lines, encodeLines([bet()]).toString());
  });

  it("ends with a log line at what is no message", async () => {
    const served = serve(new WatchedDesk(1));
    assert.deepEqual(await served.say("BET\n\n", "ADIOS\n1\n\n"), STORED);
    assert.equal(served.ended, true);
    assert.deepEqual(served.complaints, ["UNKNOWN_TYPE"]);
  });
});

describe("exercises 5 and 6 of newline-fields", () => {
  it("are answered once and ended", async () => {
    const desk = new WatchedDesk(1);
    for (const sent of [[bet()], [bet({ document: "2" }), bet({ document: "3" })]]) {
      const served = serve(desk);
      const said = await served.say(`${sent.map(betText).join("")}\n`, "CONFIRMATION\n1\n\n");
      assert.deepEqual(said, STORED);
      assert.equal(served.ended, true);
    }
    assert.deepEqual(
      desk.offers.map(({ place, single }) => [place, single]),
      [
        ["alone", true],
        ["connection-start", false],
      ],
    );
  });

  it("do not come behind messages that have a type", async () => {
    const desk = new WatchedDesk(1);
    for (const first of ["BET\n\n", batch(bet()), "CONFIRMATION\n1\n\n"]) {
      const served = serve(desk);
      await served.say(first);
      assert.deepEqual(await served.say(`${betText(bet({ document: "9" }))}\n`), []);
      assert.deepEqual(served.complaints, ["UNEXPECTED_MESSAGE"]);
    }
    assert.equal(desk.lines, encodeLines([bet()]).toString());
  });
});

describe("a second connection of an agency", () => {
  it("ends one that waits for the draw, which then hears nothing", async () => {
    const desk = new WatchedDesk(1);
    const [first, second] = [serve(desk), serve(desk)];
    await first.say("WINNERS\n1\n\n");
    await second.say("CONFIRMATION\n1\n\n");
    assert.equal(first.ended, true);
    assert.deepEqual(await first.answers(), []);
    assert.deepEqual(first.complaints, []);
  });

  it("ends one whose batch is being stored, which stays stored and is not answered", async () => {
    const desk = new WatchedDesk(1);
    const [first, second] = [serve(desk), serve(desk)];
    const [unheard] = await Promise.all([first.say(batch(bet())), second.say("WINNERS\n1\n\n")]);
    assert.deepEqual(unheard, []);
    assert.equal(first.ended, true);
    assert.equal(desk.lines, encodeLines([bet()]).toString());
    assert.deepEqual(first.complaints, []);
  });
});

const first = bet();
const third = bet({ document: "33", firstName: "Eva", lastName: "Rey" });

// Flaws of the course's server that ours has not: docs/protocols/newline-fields.md.
describe("in newline-fields, unlike in the course,", () => {
  it("an agency that dies can come back, and holds nobody for ever", async () => {
    const desk = new WatchedDesk(2);
    const [waits, dies, back] = [serve(desk), serve(desk), serve(desk)];
    await waits.say("CONFIRMATION\n1\n\n", "WINNERS\n1\n\n");
    await dies.say(batch(bet({ agency: 2 as never })));
    dies.close();
    await back.say(batch(bet({ agency: 2 as never })), "CONFIRMATION\n2\n\n");
    assert.deepEqual(await waits.answers(), ["\n\n\n"]);
    assert.deepEqual(await back.say("WINNERS\n2\n\n"), ["30000001\n\n\n"]);
  });

  it("what comes behind a message in the same segment is taken too", async () => {
    const desk = new WatchedDesk(1);
    const served = serve(desk);
    const said = await served.say(
      `${batch(first)}${batch(third)}CONFIRMATION\n1\n\nWINNERS\n1\n\n`,
    );
    assert.deepEqual(said, [...STORED, ...STORED, "OK\n\n", "30000001\n33\n\n\n"]);
    assert.equal(desk.lines, encodeLines([first, third]).toString());
  });

  it("two that confirm together draw once", async () => {
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
});

describe("a central that speaks newline-fields survives", () => {
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

  it("garbage behind a good beginning, and keeps what was confirmed", async () => {
    const desk = new WatchedDesk(1);
    const served = serve(desk);
    assert.deepEqual(await served.say(batch(first), Buffer.alloc(500, 0xa5)), STORED);
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
    assert.deepEqual(said, STORED);
    assert.equal(served.ended, true);
    assert.deepEqual(served.complaints, ["UNKNOWN_TYPE"]);
    assert.equal(desk.lines, encodeLines([first]).toString());
  });
});
