import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { headAfter, SEAL, stored, turn } from "../../scripted-desk.ts";
import { batch, done, Served } from "./served.ts";

/** A conversation after DONE was recorded, waiting for the draw. */
async function openDone(): Promise<Served> {
  const served = new Served();
  await served.open();
  served.say(done(0));
  await served.desk.recordDone({ kind: "done" });
  assert.deepEqual(served.heard(), ["ACK 0 done"]);
  return served;
}

describe("serving DONE", () => {
  it("hands the claim to the desk once all batches are settled, and acknowledges it", async () => {
    const served = new Served();
    await served.open();
    served.say(batch(1), batch(2), done(2, 9));
    served.desk.settle(1, stored(1));
    assert.deepEqual(served.desk.claims, []);
    served.desk.settle(2, stored(2));
    assert.deepEqual(served.desk.claims, [done(2, 9)]);
    assert.equal(served.conversation.awaiting, "central");
    await served.desk.recordDone({ kind: "done" });
    assert.deepEqual(served.answers(), [
      { kind: "ack", sequence: 2, head: headAfter(2), done: false },
      { kind: "ack", sequence: 2, head: headAfter(2), done: true },
    ]);
  });

  it("ends the conversation when the counts differ", async () => {
    const served = new Served();
    await served.open();
    served.say(done(2, 9));
    await served.desk.recordDone({
      kind: "mismatch",
      standing: { nextSequence: 4, bets: 7, head: headAfter(3), done: false },
    });
    assert.deepEqual(served.answers(), [
      {
        kind: "error",
        code: "DONE_MISMATCH",
        fatal: true,
        text: "3 batches with 7 bets are stored, DONE says 2 with 9, or another head",
      },
    ]);
    assert.equal(served.peer.ends, 1);
  });

  it("sends a busy agency away for a while", async () => {
    const served = new Served();
    await served.open();
    served.say(done(0));
    await served.desk.recordDone({ kind: "busy", retryAfterMs: 500 });
    assert.deepEqual(served.heard(), ["BUSY 0 500"]);
    assert.equal(served.peer.ends, 1);
  });

  it("says STOPPING when storage fails", async () => {
    const served = new Served();
    await served.open();
    served.say(done(0));
    await served.desk.failToRecordDone();
    assert.deepEqual(served.heard(), ["ERROR STOPPING"]);
    assert.equal(served.peer.ends, 1);
  });

  it("is said once", async () => {
    const served = await openDone();
    served.say(done(0));
    assert.deepEqual(served.heard(), ["ERROR UNEXPECTED_MESSAGE"]);
  });

  it("rejects batches behind it as LATE without asking the desk before it is recorded", async () => {
    const served = new Served();
    await served.open();
    served.say(batch(1), done(1), batch(2));
    assert.deepEqual(
      served.desk.submissions.map(({ sequence }) => sequence),
      [1],
    );
    served.desk.settle(1, stored(1));
    assert.deepEqual(served.heard(), ["ACK 1", "REJECT 2 LATE"]);
    assert.deepEqual(served.desk.claims, [done(1)]);
    served.say(batch(2));
    assert.deepEqual(served.heard(), ["REJECT 2 LATE"]);
    assert.deepEqual(served.desk.submissions, []);
    await served.desk.recordDone({ kind: "done" });
    assert.deepEqual(served.heard(), ["ACK 1 done"]);
  });

  it("leaves batches behind it to the desk once it is recorded", async () => {
    const served = await openDone();
    served.say(batch(1));
    served.desk.settle(1, { kind: "late" });
    assert.deepEqual(served.heard(), ["REJECT 1 LATE"]);
  });
});

describe("serving the results", () => {
  it("waits without a deadline and pushes them when the draw has happened", async () => {
    const served = await openDone();
    assert.equal(served.conversation.awaiting, "central");
    assert.equal(served.desk.resultsAsked[0]?.agency, 1);
    served.say({ kind: "ping", token: 1 });
    assert.deepEqual(served.heard(), ["PONG 1"]);
    await served.desk.draw(["30904465", "7"]);
    assert.deepEqual(served.answers(), [
      {
        kind: "drawn",
        winningNumber: 7574,
        seal: SEAL,
        total: 2,
        index: 0,
        documents: ["30904465", "7"],
      },
    ]);
    assert.equal(served.conversation.awaiting, "message");
    assert.equal(served.peer.ends, 0);
  });

  it("pushes them right after WELCOME to an agency that was done", async () => {
    const served = new Served();
    served.greet();
    await served.desk.welcome({ nextSequence: 2, bets: 5, done: true }, { state: "drawn" });
    await served.desk.draw([]);
    assert.deepEqual(served.heard(), ["WELCOME 2", "DRAWN 0+0/0"]);
  });

  it("pushes them once, though DONE is said again after WELCOME", async () => {
    const served = new Served();
    await served.open({ nextSequence: 2, bets: 1, done: true });
    served.say(done(1));
    await served.desk.recordDone({ kind: "done" });
    assert.deepEqual(served.heard(), ["ACK 1 done"]);
    assert.equal(served.desk.resultsAsked.length, 1);
  });

  it("sends many frames a part at a time, each part once the one before has left", async () => {
    const served = await openDone();
    const winners = Array.from({ length: 20_000 }, (_, index) => String(30_000_000 + index));
    await served.desk.draw(winners);
    const documents: string[] = [];
    let parts = 0;
    do {
      await turn();
      const frames = served.answers();
      assert.ok(frames.length <= 8);
      for (const frame of frames) {
        assert.equal(frame.kind, "drawn");
        documents.push(...frame.documents);
      }
      parts++;
    } while (served.peer.drain());
    assert.deepEqual(documents, winners);
    assert.ok(parts > 2);
  });

  it("stops pushing to a peer that is gone", async () => {
    const served = await openDone();
    await served.desk.draw(Array.from({ length: 20_000 }, String));
    served.answers();
    served.conversation.closed();
    served.peer.drain();
    assert.deepEqual(served.heard(), []);
  });

  it("says STOPPING when there will be no draw", async () => {
    const served = await openDone();
    await served.desk.failToDraw();
    assert.deepEqual(served.heard(), ["ERROR STOPPING"]);
    assert.equal(served.peer.ends, 1);
  });

  it("gives up waiting for a peer that is gone, and says nothing more", async () => {
    const served = await openDone();
    served.conversation.closed();
    assert.equal(served.desk.resultsAsked[0]?.signal.aborted, true);
    await served.desk.failToDraw();
    await turn();
    assert.deepEqual(served.heard(), []);
  });
});
