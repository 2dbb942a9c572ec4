import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { AgencyId, Bet } from "../../../src/lottery/bet.ts";
import { encodeLines } from "../../../src/lottery/canonical-line.ts";
import { PART_BYTES_MAX } from "../../../src/limits.ts";
import { documentsOf } from "../arbitrary.ts";
import { bet, bets } from "../plain-bets.ts";
import { WatchedDesk } from "../watched-desk.ts";
import { BettingPeer, nameOf } from "./betting-peer.ts";
import { type BettingDialect, BETTING } from "./spoken.ts";

// The central's side of a draw, of one agency and of several, in what is the same in every dialect.

const WON = 7574;
const TWO = 2 as AgencyId;

const linesOf = (...sent: readonly Bet[]): string => encodeLines(sent).toString();

for (const spoken of BETTING) {
  describe(nameOf(spoken), () => {
    if (spoken.has("done")) ends(spoken);
    if (spoken.has("done") && spoken.has("question")) draws(spoken);
    connections(spoken);
  });
}

/** That an agency has sent all its bets. */
function ends(spoken: BettingDialect): void {
  const who = nameOf(spoken);
  const { refusal, stranger } = spoken.manners;

  it(`${who} refuses bets that come behind the end of the bets`, async () => {
    const peer = new BettingPeer(spoken);
    assert.deepEqual(await peer.done(), ["yes"]);
    assert.deepEqual(await peer.batch(bet()), refusal.says);
    assert.equal(peer.ended, refusal.ends);
    assert.equal(peer.desk.lines, "");
  });

  it(`${who} counts an agency once that ends its bets three times`, async () => {
    const desk = new WatchedDesk(2);
    for (let time = 0; time < 3; time++) {
      assert.deepEqual(await new BettingPeer(spoken, desk).done(), ["yes"]);
    }
    assert.equal(desk.book.state, "open");
  });

  it(`${who} turns away the end and the question of an agency that is none of the draw's`, async () => {
    const desk = new WatchedDesk(3);
    const asked: string[] = [];
    for (const [agency, ask] of [
      [4, "done"],
      [4, "question"],
      [4_294_967_295, "done"],
    ] as const) {
      if (ask === "question" && !spoken.has("question")) continue;
      const peer = new BettingPeer(spoken, desk, { agency });
      assert.deepEqual(await peer[ask](), stranger.says);
      assert.equal(peer.ended, stranger.ends);
      asked.push(`${ask === "done" ? "register_done" : "query_winners"} ${agency}`);
    }
    // A dialect that greets is turned away at its greeting.
    if (spoken.speak().hello.length > 0) assert.equal(desk.strangers.length, asked.length);
    else assert.deepEqual(desk.strangers, asked);
  });
}

/** Questions, and what is won. */
function draws(spoken: BettingDialect): void {
  const who = nameOf(spoken);
  const { beforeDraw } = spoken.manners;
  const open = (desk: WatchedDesk, agency = 1) => new BettingPeer(spoken, desk, { agency });

  it(`${who} tells winners to each its own once all agencies are done, and to nobody before`, async () => {
    const desk = new WatchedDesk(3);
    await open(desk).batch(bet({ document: "0101" }), bet({ number: 1 }), bet({ document: "102" }));
    await open(desk, 2).batch(bet({ agency: TWO, document: "201" }));
    const asking: BettingPeer[] = [];
    for (const agency of [1, 2, 3]) {
      const peer = open(desk, agency);
      if (agency < 3) assert.deepEqual(await peer.done(), ["yes"]);
      assert.deepEqual(await peer.question(), beforeDraw ?? []);
      asking.push(peer);
    }
    assert.equal(desk.book.state, "open");
    assert.deepEqual(await open(desk, 3).done(), ["yes"]);
    const told = [["won 0101 102"], ["won 201"], ["won"]];
    for (const [index, peer] of asking.entries()) {
      // One that waits is told; but not where a newer connection of its agency has ended it.
      const ended = index === 2 && spoken.has("oneConnection");
      const answers = beforeDraw === undefined ? await peer.served.answers() : undefined;
      if (answers !== undefined) assert.deepEqual(answers, ended ? [] : told[index]);
      assert.deepEqual(await open(desk, index + 1).question(), told[index]);
    }
  });

  it(`${who} takes the next message only when the question before it is answered`, async () => {
    const desk = new WatchedDesk(1);
    const peer = open(desk);
    const two = Buffer.concat([
      peer.speaker.question?.() ?? assert.fail(),
      peer.speaker.batch(bet()),
    ]);
    const said = await peer.say(two);
    assert.deepEqual(said, beforeDraw === undefined ? [] : [...beforeDraw, "yes"]);
    assert.equal(desk.lines, beforeDraw === undefined ? "" : linesOf(bet()));
    if (beforeDraw === undefined) {
      assert.equal(peer.served.conversation.awaiting, "central");
      peer.served.close("stopping");
      await open(desk).done();
      assert.deepEqual(await peer.served.answers(), []);
    }
  });

  it(`${who} sends an answer of many winners in parts, each once the one before has left`, async () => {
    const desk = new WatchedDesk(1);
    const sent = bets(10_000, { number: WON });
    for (let at = 0; at < sent.length; at += 1000) {
      assert.deepEqual(await open(desk).batch(...sent.slice(at, at + 1000)), ["yes"]);
    }
    const peer = open(desk);
    await peer.done();
    const parts = await peer.served.bring(peer.speaker.question?.() ?? assert.fail());
    assert.equal(parts[0]?.length, PART_BYTES_MAX);
    assert.equal(parts.length, 1);
    while (peer.served.peer.drain()) parts.push(...(await peer.served.hear()));
    assert.ok(parts.slice(0, -1).every(({ length }) => length === PART_BYTES_MAX));
    const whole = Buffer.concat(parts);
    assert.deepEqual(spoken.understand([whole]), [["won", ...documentsOf(sent)].join(" ")]);
    assert.equal(peer.served.conversation.occupied, false);
  });

  it(`${who} says no more once the connection is gone in the middle of a long answer`, async () => {
    const desk = new WatchedDesk(1);
    const [first, ...others] = bets(7000, { number: WON });
    await desk.take([first ?? assert.fail(), ...others]);
    await desk.done(1 as AgencyId);
    const peer = open(desk);
    assert.equal((await peer.served.bring(peer.speaker.question?.() ?? "")).length, 1);
    peer.served.close();
    peer.served.peer.drain();
    assert.deepEqual(await peer.served.hear(), []);
    assert.deepEqual(peer.served.peer.events, []);
  });
}

/** Several connections of one agency, and of others. */
function connections(spoken: BettingDialect): void {
  const who = nameOf(spoken);
  const ends = spoken.has("oneConnection");
  const open = (desk: WatchedDesk, agency = 1) => new BettingPeer(spoken, desk, { agency });

  it(`${who} ${ends ? "ends" : "keeps"} an older connection of an agency when a newer one comes`, async () => {
    const desk = new WatchedDesk(2);
    const [older, newer, other] = [open(desk), open(desk), open(desk, 2)];
    assert.deepEqual(await older.batch(bet()), ["yes"]);
    assert.deepEqual(await other.batch(bet({ agency: TWO })), ["yes"]);
    assert.deepEqual(await newer.batch(bet()), ["yes"]);
    assert.deepEqual([older.ended, other.ended], [ends, false]);
    if (!ends) return;
    assert.deepEqual(older.served.complaints, []);
    // The session receives nothing after the end; not even a peer that did would find the desk.
    older.served.receive(older.speaker.batch(bet({ document: "66" })));
    await older.served.answers();
    assert.ok(!desk.lines.includes(",66,"));
  });

  if (ends && spoken.has("waitsForRoom")) {
    it(`${who} stores nothing of a batch that waits for room when a newer connection comes`, async () => {
      const desk = new WatchedDesk(1);
      const [older, newer] = [open(desk), open(desk)];
      desk.busy = 1;
      await older.batch(bet({ number: 1 }));
      assert.deepEqual(await newer.batch(bet({ number: 2 })), ["yes"]);
      assert.equal(older.served.clock.timers, 0);
      assert.deepEqual(await older.served.wait(1000), []);
      assert.equal(older.ended, true);
      assert.equal(desk.lines, linesOf(bet({ number: 2 })));
    });
  }
}
