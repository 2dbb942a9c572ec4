import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { encodeLines } from "../../../../src/lottery/canonical-line.ts";
import { type BatchFlaw, FLAWS } from "../../../../src/lottery/flaw.ts";
import type { UnnumberedVerdict } from "../../../../src/protocols/counter.ts";
import { betText } from "../../../../src/protocols/dialects/newline-fields/encode.ts";
import { PART_BYTES_MAX } from "../../../../src/limits.ts";
import { WatchedDesk } from "../../watched-desk.ts";
import { serve } from "./served.ts";
import { bet, bets } from "../../plain-bets.ts";

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
    assert.deepEqual(served.log, []);
  });

  it("tells that nobody won", async () => {
    const served = serve(new WatchedDesk(1));
    await served.say(batch(bet({ number: 7 })), "CONFIRMATION\n1\n\n");
    assert.deepEqual(await served.say("WINNERS\n1\n\n"), ["\n\n\n"]);
  });

  it("tells more winners than a part holds, whole, in parts", async () => {
    const desk = new WatchedDesk(1);
    const served = serve(desk);
    const winners = bets(9000).map((each) => ({ ...each, number: 7574 }));
    for (let at = 0; at < winners.length; at += 1000) {
      assert.deepEqual(await served.say(batch(...winners.slice(at, at + 1000))), STORED);
    }
    await served.say("CONFIRMATION\n1\n\n");
    const said = await served.say("WINNERS\n1\n\n");
    assert.equal(said[0]?.length, PART_BYTES_MAX);
    assert.equal(served.ended, false);
    assert.equal(served.peer.drain(), true);
    said.push(...(await served.answers()));
    assert.equal(said.length, 2);
    assert.equal(served.ended, true);
    const documents = winners.map(({ document }) => document).join("\n");
    assert.equal(said.join(""), `${documents}\n\n\n`);
  });

  it("says nothing more once the connection is gone in the middle of a long answer", async () => {
    const served = serve(new WatchedDesk(1));
    const winners = bets(9000).map((each) => ({ ...each, number: 7574 }));
    for (let at = 0; at < winners.length; at += 1000) {
      await served.say(batch(...winners.slice(at, at + 1000)));
    }
    await served.say("CONFIRMATION\n1\n\n", "WINNERS\n1\n\n");
    served.close();
    served.peer.drain();
    assert.deepEqual(await served.answers(), []);
    assert.deepEqual(served.log, []);
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

  it("answers the question of who waits once the last agency is done", async () => {
    const desk = new WatchedDesk(2);
    const [first, second] = [serve(desk), serve(desk)];
    await first.say(batch(bet()), "CONFIRMATION\n1\n\n");
    assert.deepEqual(await first.say("WINNERS\n1\n\n"), []);
    assert.equal(first.conversation.awaiting, "central");
    assert.deepEqual(await second.say("CONFIRMATION\n2\n\n"), NOTED);
    assert.deepEqual(await first.answers(), ["30000001\n\n\n"]);
    assert.deepEqual(await second.say("WINNERS\n2\n\n"), ["\n\n\n"]);
  });

  it("lets a question wait that comes before the end of the bets", async () => {
    const desk = new WatchedDesk(1);
    const [early, late] = [serve(desk), serve(desk)];
    assert.deepEqual(await early.say("WINNERS\n1\n\n"), []);
    assert.deepEqual(await late.say("CONFIRMATION\n1\n\n"), NOTED);
    assert.deepEqual(await late.say("WINNERS\n1\n\n"), ["\n\n\n"]);
  });

  const flaw: BatchFlaw = { ...FLAWS.numberForm, index: 0 };
  for (const verdict of [
    { kind: "invalid", flaw },
    { kind: "late" },
  ] as const satisfies readonly UnnumberedVerdict[]) {
    it(`ends without a word when a batch is ${verdict.kind}`, async () => {
      const desk = new WatchedDesk(1);
      desk.verdict = verdict;
      for (const text of [batch(bet()), `${betText(bet())}\n`]) {
        const served = serve(desk);
        assert.deepEqual(await served.say(text, "CONFIRMATION\n1\n\n"), []);
        assert.equal(served.ended, true);
      }
    });
  }

  it("acknowledges a batch that comes again", async () => {
    const desk = new WatchedDesk(1);
    await serve(desk).say(batch(bet()));
    assert.deepEqual(await serve(desk).say(batch(bet())), STORED);
    assert.equal(desk.lines, encodeLines([bet()]).toString());
  });

  it("ends without a word when bets come after the end of the bets", async () => {
    const desk = new WatchedDesk(2);
    const served = serve(desk);
    assert.deepEqual(await served.say("CONFIRMATION\n1\n\n"), NOTED);
    assert.deepEqual(await served.say(batch(bet())), []);
    assert.equal(served.ended, true);
    assert.equal(desk.lines, "");
  });

  it("lets a batch wait while there is no room", async () => {
    const desk = new WatchedDesk(1);
    desk.busy = 2;
    const served = serve(desk);
    assert.deepEqual(await served.say(batch(bet())), []);
    assert.equal(served.conversation.awaiting, "central");
    assert.deepEqual(await served.wait(5), []);
    assert.deepEqual(await served.wait(5), STORED);
    assert.equal(desk.lines, encodeLines([bet()]).toString());
  });

  it("stores all of a batch or nothing", async () => {
    const desk = new WatchedDesk(2);
    for (const other of [{ number: 10_000 }, { agency: 2 as never }, { birthdate: "1990-02-30" }]) {
      const served = serve(desk);
      assert.deepEqual(await served.say(batch(bet(), bet(other), bet({ document: "2" }))), []);
      assert.equal(served.ended, true);
    }
    assert.equal(desk.lines, "");
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
      assert.deepEqual(served.log, ["warning protocol_violation: UNEXPECTED_MESSAGE"]);
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
    assert.deepEqual(served.log, ["warning protocol_violation: UNKNOWN_TYPE"]);
  });

  it("ends with a log line at a message over the limit", async () => {
    const served = serve(new WatchedDesk(1), { courseFrameBytesMax: 100 });
    assert.deepEqual(await served.say(`BET\n${"9".repeat(97)}`), []);
    assert.equal(served.ended, true);
    assert.deepEqual(served.log, ["warning protocol_violation: FRAME_TOO_LARGE"]);
  });

  it("still stores and answers what came before the client ended its side", async () => {
    const desk = new WatchedDesk(1);
    const served = serve(desk);
    const said = served.say(batch(bet()));
    served.conversation.ended();
    assert.deepEqual(await said, STORED);
    assert.equal(served.ended, true);
  });

  it("says nothing when the central stops", async () => {
    const served = serve(new WatchedDesk(2));
    await served.say("CONFIRMATION\n1\n\n", "WINNERS\n1\n\n");
    served.close("stopping");
    assert.deepEqual(await served.answers(), []);
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
      assert.deepEqual(served.log, ["warning protocol_violation: UNEXPECTED_MESSAGE"]);
    }
    assert.equal(desk.lines, encodeLines([bet()]).toString());
  });

  it("let bets that are sent alone come at the same time", async () => {
    const desk = new WatchedDesk(1);
    const [one, other] = [serve(desk), serve(desk)];
    const both = await Promise.all([
      one.say(`${betText(bet())}\n`),
      other.say(`${betText(bet({ document: "2" }))}\n`),
    ]);
    assert.deepEqual(both, [STORED, STORED]);
  });
});

describe("a second connection of an agency", () => {
  it("ends the first one", async () => {
    const desk = new WatchedDesk(2);
    const [first, second] = [serve(desk), serve(desk)];
    await first.say(batch(bet()));
    assert.equal(first.ended, false);
    assert.deepEqual(await second.say(batch(bet())), STORED);
    assert.equal(first.ended, true);
    assert.deepEqual(await second.say("CONFIRMATION\n1\n\n"), NOTED);
  });

  it("ends one that waits for the draw, which then hears nothing", async () => {
    const desk = new WatchedDesk(1);
    const [first, second] = [serve(desk), serve(desk)];
    await first.say("WINNERS\n1\n\n");
    await second.say("CONFIRMATION\n1\n\n");
    assert.equal(first.ended, true);
    assert.deepEqual(await first.answers(), []);
    assert.deepEqual(first.log, []);
  });

  it("ends one whose batch is being stored, which stays stored and is not answered", async () => {
    const desk = new WatchedDesk(1);
    const [first, second] = [serve(desk), serve(desk)];
    const [unheard] = await Promise.all([first.say(batch(bet())), second.say("WINNERS\n1\n\n")]);
    assert.deepEqual(unheard, []);
    assert.equal(first.ended, true);
    assert.equal(desk.lines, encodeLines([bet()]).toString());
    assert.deepEqual(first.log, []);
  });

  it("ends one whose batch waits for room, which is not stored then", async () => {
    const desk = new WatchedDesk(1);
    const [first, second] = [serve(desk), serve(desk)];
    desk.busy = 1;
    await first.say(batch(bet()));
    await second.say("WINNERS\n1\n\n");
    assert.equal(first.clock.timers, 0);
    assert.deepEqual(await first.wait(5), []);
    assert.equal(desk.lines, "");
    assert.deepEqual(first.log, []);
  });

  it("gets nothing stored by what the first one still had under way", async () => {
    const desk = new WatchedDesk(1);
    const [first, second] = [serve(desk), serve(desk)];
    await first.say(batch(bet()));
    await second.say(batch(bet()));
    // The session receives nothing after the end; not even a peer that did would find the desk.
    const steps = first.conversation.receive(Buffer.from(batch(bet({ document: "66" }))));
    while (steps.next().done !== true) await first.answers();
    assert.equal(desk.lines, encodeLines([bet()]).toString());
  });

  it("leaves connections of other agencies alone", async () => {
    const desk = new WatchedDesk(2);
    const [first, second] = [serve(desk), serve(desk)];
    await first.say(batch(bet()));
    await second.say("CONFIRMATION\n2\n\n");
    assert.equal(first.ended, false);
  });
});
