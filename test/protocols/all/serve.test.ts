import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { AgencyId, Bet } from "../../../src/lottery/bet.ts";
import { encodeLines } from "../../../src/lottery/canonical-line.ts";
import { FLAWS } from "../../../src/lottery/flaw.ts";
import type { UnnumberedVerdict } from "../../../src/protocols/counter.ts";
import { bet, bets } from "../plain-bets.ts";
import { WatchedDesk } from "../watched-desk.ts";
import { assertSays, BettingPeer, nameOf } from "./betting-peer.ts";
import { type BettingDialect, BETTING } from "./spoken.ts";

// The central's side of one connection, in what is the same in every dialect.

const WON = 7574;
const BAD = bet({ number: 10_000 });
const TWO = 2 as AgencyId;

const linesOf = (...sent: readonly Bet[]): string => encodeLines(sent).toString();

for (const spoken of BETTING) {
  describe(nameOf(spoken), () => {
    batches(spoken);
    singleBets(spoken);
    endings(spoken);
    if (spoken.has("places")) places(spoken);
    if (spoken.has("waitsForRoom")) waiting(spoken);
  });
}

function batches(spoken: BettingDialect): void {
  const who = nameOf(spoken);
  const { refusal, stranger } = spoken.manners;
  const open = (desk?: WatchedDesk, agency = 1) => new BettingPeer(spoken, desk, { agency });

  it(`${who} confirms what is stored, and what was stored before`, async () => {
    const first = open();
    assert.deepEqual(await first.batch(...bets(2)), ["yes"]);
    assert.deepEqual(await open(first.desk).batch(...bets(2)), ["yes"]);
    assert.equal(first.desk.lines, linesOf(...bets(2)));
    assert.deepEqual(first.served.peer.events, []);
  });

  it(`P1 ${who} has stored a batch when it says so`, async () => {
    const peer = open();
    await peer.say();
    const said: string[] = [];
    peer.served.peer.send = () => void said.push(peer.desk.lines);
    await peer.batch(bet());
    assert.deepEqual(said, [linesOf(bet())]);
  });

  it(`${who} takes messages that come in one segment, one after the other`, async () => {
    const peer = open();
    const [one, other] = [bet({ number: 1 }), bet({ number: 2 })];
    const { hello } = peer.speaker;
    const said = [hello, peer.speaker.batch(one), peer.speaker.batch(other)];
    if (spoken.has("done")) said.push(peer.speaker.done?.() ?? assert.fail());
    const answers = await peer.served.say(Buffer.concat(said));
    assert.deepEqual([...new Set(answers)], ["yes"]);
    if (spoken.has("oneAnswerEach")) assert.equal(answers.length, said.length - 1);
    assert.equal(peer.desk.lines, linesOf(one, other));
    assert.equal(peer.desk.book.standing(1 as AgencyId).done, spoken.has("done"));
  });

  const flawed: readonly (readonly [string, Partial<Bet>])[] = [
    ["a number of five digits", { number: 10_000 }],
    ["a day that is none", { birthdate: "1990-02-30" }],
    ...(spoken.has("namedBets") ? [["another agency", { agency: TWO }] as const] : []),
  ];
  for (const [what, other] of flawed) {
    it(`${who} refuses a batch of which one bet has ${what}, whole`, async () => {
      const peer = open();
      const sent = [bet(), bet(other), bet({ document: "2" })];
      assertSays(`${who}, to a batch with ${what}`, await peer.batch(...sent), refusal.says);
      assert.equal(peer.ended, refusal.ends);
      assert.equal(peer.desk.lines, "");
      if (refusal.ends) return;
      peer.speaker.refused?.();
      assert.deepEqual(await peer.batch(bet()), ["yes"]);
    });
  }

  it(`${who} turns away an agency that is none of the draw's, and says so in the log`, async () => {
    const peer = open(undefined, 4);
    assert.deepEqual(await peer.batch(bet({ agency: 4 as AgencyId })), stranger.says);
    assert.equal(peer.ended, stranger.ends);
    assert.equal(peer.desk.strangers.length, 1);
    assert.match(peer.desk.strangers[0] ?? "", / 4$/);
    assert.equal(peer.desk.lines, "");
  });

  it(`${who} waits for the first message, the rest of one, and the next one, each as what it is`, async () => {
    const peer = open();
    const { conversation } = peer.served;
    assert.equal(conversation.awaiting, "greeting");
    await peer.batch(bet());
    assert.equal(conversation.awaiting, "message");
    const next = peer.speaker.batch(...bets(2));
    await peer.say(next.subarray(0, 3));
    assert.equal(conversation.awaiting, "rest");
    assert.deepEqual(await peer.say(next.subarray(3)), ["yes"]);
  });
}

/** Bets by themselves. */
function singleBets(spoken: BettingDialect): void {
  const who = nameOf(spoken);
  const { manners } = spoken;

  it(`${who} stores a bet by itself, and logs it as such`, async () => {
    const peer = new BettingPeer(spoken);
    assert.deepEqual(await peer.single(bet()), ["yes"]);
    assert.equal(peer.ended, manners.endsAfterSingle);
    assert.equal(peer.desk.lines, linesOf(bet()));
    const [logged] = peer.desk.logger.of("apuesta_almacenada");
    assert.equal(logged?.["dni"], bet().document);
    assert.equal(logged["numero"], WON);
    if (!spoken.has("places")) return;
    assert.deepEqual(peer.desk.offers, [{ agency: 1, count: 1, place: "alone", single: true }]);
  });

  it(`${who} refuses a bet by itself that is invalid`, async () => {
    const peer = new BettingPeer(spoken);
    assert.deepEqual(await peer.single(BAD), manners.singleRefusal.says);
    assert.equal(peer.ended, manners.singleRefusal.ends);
    assert.equal(peer.desk.lines, "");
  });

  if (spoken.has("oneConnection") && spoken.has("places")) {
    it(`${who} lets bets by themselves come at the same time, and ends no other connection for one`, async () => {
      const desk = new WatchedDesk(1);
      const run = new BettingPeer(spoken, desk);
      await run.batch(bet({ number: 1 }));
      const singles = [2, 3].map((number) => new BettingPeer(spoken, desk).single(bet({ number })));
      assert.deepEqual(await Promise.all(singles), [["yes"], ["yes"]]);
      assert.equal(run.ended, false);
    });
  }
}

/** Connections that end, on either side, before all is said. */
function endings(spoken: BettingDialect): void {
  const who = nameOf(spoken);
  it(`${who} stores what a peer that is gone had sent, and finds it again`, async () => {
    const gone = new BettingPeer(spoken);
    await gone.say();
    const answers = gone.batch(bet());
    await Promise.resolve();
    gone.served.close();
    await answers;
    assert.equal(gone.desk.lines, linesOf(bet()));
    assert.deepEqual(await new BettingPeer(spoken, gone.desk).batch(bet()), ["yes"]);
    assert.equal(gone.desk.lines, linesOf(bet()));
  });

  it(`${who} answers what was asked before the peer ended its side, and ends`, async () => {
    const peer = new BettingPeer(spoken);
    const answers = peer.batch(bet());
    const end = peer.served.end();
    assert.deepEqual([...(await answers), ...(await end)], ["yes"]);
    assert.equal(peer.ended, true);
  });

  const speaker = spoken.speak();
  const messages: Record<string, Buffer | undefined> = {
    "a batch": speaker.batch(...bets(3)),
    "a bet by itself": speaker.single(bet()),
    "the end of the bets": speaker.done?.(),
    "a question": speaker.question?.(),
  };
  for (const [what, message] of Object.entries(messages)) {
    if (message === undefined) continue;
    it(`${who} keeps nothing of ${what} that the end of its connection cuts, anywhere`, async () => {
      const desk = new WatchedDesk(3);
      for (let length = 1; length < message.length; length++) {
        const peer = new BettingPeer(spoken, desk);
        const greets = what !== "a bet by itself" || spoken.manners.singleWithoutHello !== true;
        const part: Buffer = message.subarray(0, length);
        const early: string[] = await (greets ? peer.say(part) : peer.served.say(part));
        assert.deepEqual(early, [], `${length} bytes`);
        const said = await peer.served.end();
        assert.deepEqual(said, spoken.manners.violation("FRAME_TRUNCATED"), `${length} bytes`);
        assert.deepEqual(peer.served.complaints, ["FRAME_TRUNCATED"]);
        assert.equal(peer.ended, true);
      }
      assert.deepEqual(desk.offers, []);
      assert.equal(desk.lines, "");
      assert.equal(desk.book.standing(1 as AgencyId).done, false);
    });
  }
}

function placesOf({ desk }: BettingPeer): unknown[] {
  return desk.offers.map(({ place }) => place);
}

/** What the store is told of batches without numbers. */
function places(spoken: BettingDialect): void {
  const who = nameOf(spoken);
  const { refusal, singleRefusal, firstPlace, endsAfterSingle } = spoken.manners;
  it(`${who} tells the store where each batch stands`, async () => {
    const peer = new BettingPeer(spoken);
    for (const number of [1, 2, 3]) await peer.batch(bet({ number }));
    assert.deepEqual(placesOf(peer), [firstPlace, "following", "following"]);
    assert.ok(peer.desk.offers.every(({ agency, single }) => agency === 1 && !single));
  });

  if (!refusal.ends && !endsAfterSingle) {
    it(`${who} counts places from the first batch that is stored, and no bet by itself`, async () => {
      const peer = new BettingPeer(spoken);
      await peer.batch(BAD);
      await peer.single(bet());
      for (const sent of [bet({ number: 1 }), BAD, bet({ number: 2 })]) await peer.batch(sent);
      const expected = [firstPlace, "alone", firstPlace, "following", "following"];
      assert.deepEqual(placesOf(peer), expected);
    });
  } else if (!refusal.ends) {
    it(`${who} counts places from the first batch that is stored`, async () => {
      const peer = new BettingPeer(spoken);
      for (const sent of [BAD, bet(), BAD, bet({ number: 1 })]) await peer.batch(sent);
      assert.deepEqual(placesOf(peer), [firstPlace, firstPlace, "following", "following"]);
    });
  }

  const flaw = { ...FLAWS.missing, index: 0 };
  const refusals: readonly UnnumberedVerdict[] = [{ kind: "invalid", flaw }, { kind: "late" }];
  for (const verdict of refusals) {
    it(`${who} has one answer to what the store refuses: ${verdict.kind}`, async () => {
      const desk = new WatchedDesk(3);
      desk.verdict = verdict;
      const peer = new BettingPeer(spoken, desk);
      assert.deepEqual(await peer.batch(bet()), refusal.says);
      assert.equal(peer.ended, refusal.ends);
      const single = new BettingPeer(spoken, desk);
      assert.deepEqual(await single.single(bet()), singleRefusal.says);
      assert.equal(single.ended, singleRefusal.ends);
    });
  }

  it(`${who} takes nothing behind a batch that ended the connection`, async () => {
    const peer = new BettingPeer(spoken);
    const two = [peer.speaker.batch(BAD), peer.speaker.batch(bet())];
    const second = refusal.ends ? [] : ["yes"];
    assert.deepEqual(await peer.say(...two), [...refusal.says, ...second]);
    assert.equal(peer.desk.offers.length, refusal.ends ? 1 : 2);
  });
}

/** While there is no room in the store. */
function waiting(spoken: BettingDialect): void {
  const who = nameOf(spoken);
  it(`${who} lets a batch wait while there is no room`, async () => {
    const peer = new BettingPeer(spoken);
    peer.desk.busy = 2;
    assert.deepEqual(await peer.batch(bet()), []);
    assert.equal(peer.served.conversation.awaiting, "central");
    assert.deepEqual(await peer.served.wait(5), []);
    assert.deepEqual(await peer.served.wait(5), ["yes"]);
    assert.equal(peer.desk.lines, linesOf(bet()));
  });

  it(`${who} lets a bet by itself wait too`, async () => {
    const peer = new BettingPeer(spoken);
    peer.desk.busy = 1;
    assert.deepEqual(await peer.single(bet()), []);
    assert.equal(peer.served.conversation.occupied, true);
    assert.deepEqual(await peer.served.wait(5), ["yes"]);
    assert.equal(peer.desk.lines, linesOf(bet()));
  });

  for (const how of ["closed", "stopping"] as const) {
    it(`${who} forgets a batch that waits for room when the connection is ${how}`, async () => {
      const peer = new BettingPeer(spoken);
      peer.desk.busy = 1;
      await peer.batch(bet());
      assert.equal(peer.served.clock.timers, 1);
      peer.served.close(how);
      assert.equal(peer.served.clock.timers, 0);
      assert.deepEqual(await peer.served.wait(1000), []);
      assert.equal(peer.desk.lines, "");
    });
  }
}
