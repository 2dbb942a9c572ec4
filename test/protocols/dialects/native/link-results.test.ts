import assert from "node:assert/strict";
import { getEventListeners } from "node:events";
import { describe, it } from "node:test";
import type { AgencyLink } from "../../../../src/protocols/agency-link.ts";
import { createNativeDialer } from "../../../../src/protocols/dialects/native/dial.ts";
import { encodeCentral } from "../../../../src/protocols/dialects/native/encode.ts";
import type { Ack, Drawn } from "../../../../src/protocols/dialects/native/wire.ts";
import { headAfter, SEAL, turn } from "../../scripted-desk.ts";
import { bytewise } from "../../cuts.ts";
import { ANSWER_TIMEOUT_MS } from "../../fake-central.ts";
import { outgoing, ScriptedCentral } from "./scripted-central.ts";

const PING_INTERVAL_MS = 15_000;

const claim = { batches: 3, bets: 5, head: headAfter(3) };

const doneAck: Ack = { kind: "ack", sequence: 3, head: headAfter(3), done: true };

const drawn = (total: number, index: number, documents: string[]): Drawn => ({
  kind: "drawn",
  winningNumber: 7574,
  seal: SEAL,
  total,
  index,
  documents,
});

/** A link that has said DONE after three batches with five bets. */
async function openDone(central: ScriptedCentral): Promise<AgencyLink> {
  return central.open({ nextSequence: 4, bets: 5, head: headAfter(3), done: true });
}

describe("saying DONE", () => {
  it("sends the claim and resolves with the ACK that answers it", async () => {
    const central = new ScriptedCentral();
    const link = await central.open({ nextSequence: 4, bets: 5, head: headAfter(3) });
    const done = link.done(claim);
    assert.deepEqual(await central.hear(), { kind: "done", ...claim });
    central.say({ ...doneAck, done: false });
    let resolved = false;
    void done.then(() => (resolved = true));
    await turn();
    assert.equal(resolved, false);
    central.say(doneAck);
    await done;
    await link.close();
  });

  it("may be answered together with the last batches", async () => {
    const central = new ScriptedCentral();
    const link = await central.open({ nextSequence: 3 });
    const answer = link.send(outgoing(3));
    const done = link.done(claim);
    central.say(doneAck);
    await done;
    assert.deepEqual(await answer, { kind: "accepted", head: headAfter(3) });
    await link.close();
  });

  it("is refused when the central counts otherwise", async () => {
    const central = new ScriptedCentral();
    const link = await central.open();
    const done = link.done(claim);
    central.say({ kind: "error", code: "DONE_MISMATCH", fatal: true, text: "2 batches" });
    await assert.rejects(done, {
      code: "REFUSED",
      message: "Cannot go on with the central: DONE_MISMATCH, 2 batches",
    });
    await link.close();
  });

  it("distrusts an answer with another count or head", async () => {
    for (const answer of [
      { ...doneAck, sequence: 2 },
      { ...doneAck, head: headAfter(4) },
    ]) {
      const central = new ScriptedCentral();
      const link = await central.open({ nextSequence: 4 });
      const done = link.done(claim);
      central.say(answer);
      await assert.rejects(done, { code: "CENTRAL_UNSOUND" });
      await link.close();
    }
  });

  it("must have been said before it is acknowledged", async () => {
    const central = new ScriptedCentral();
    const link = await central.open({ nextSequence: 4 });
    const results = link.results();
    central.say(doneAck);
    await assert.rejects(results, { code: "CENTRAL_UNSOUND" });
    await link.close();
  });

  it("is said once at a time", async () => {
    const central = new ScriptedCentral();
    const link = await central.open({ nextSequence: 4 });
    const done = link.done(claim);
    await assert.rejects(link.done(claim), RangeError);
    central.say(doneAck);
    await done;
    await link.close();
  });

  it("is lost when it is not answered in time", async (t) => {
    const central = new ScriptedCentral();
    const link = await central.open();
    t.mock.timers.enable({ apis: ["setTimeout"] });
    const lost = assert.rejects(link.done(claim), { code: "CONNECTION_LOST" });
    await turn();
    t.mock.timers.tick(ANSWER_TIMEOUT_MS);
    await lost;
    await link.close();
  });
});

describe("waiting for the results", () => {
  it("puts them together from their frames, however these are cut", async () => {
    const central = new ScriptedCentral();
    const link = await openDone(central);
    const results = link.results();
    const frames = [drawn(3, 0, ["30904465", "7"]), drawn(3, 2, ["0000000001"])];
    for (const byte of bytewise(Buffer.concat(frames.map(encodeCentral)))) {
      central.centralSide.write(byte);
    }
    assert.deepEqual(await results, {
      winners: ["30904465", "7", "0000000001"],
      winningNumber: 7574,
      seal: SEAL,
    });
    await link.close();
  });

  it("keeps those that come before anybody asks, also when the connection is gone since", async () => {
    const central = new ScriptedCentral();
    const dialled = openDone(central);
    const link = await dialled;
    central.say(drawn(0, 0, []));
    central.centralSide.end();
    await turn();
    await turn();
    assert.deepEqual((await link.results())?.winners, []);
    assert.deepEqual((await link.results())?.winners, []);
    await assert.rejects(link.send(outgoing(4)), { code: "CONNECTION_ENDED" });
    await link.close();
  });

  for (const [what, frames] of [
    ["a hole", [drawn(3, 0, ["1"]), drawn(3, 2, ["3"])]],
    ["a frame twice", [drawn(3, 0, ["1"]), drawn(3, 0, ["1"])]],
    ["more than announced", [drawn(1, 0, ["1", "2"])]],
    ["an empty frame in the middle", [drawn(2, 0, [])]],
    ["another total", [drawn(3, 0, ["1"]), drawn(4, 1, ["2"])]],
    ["another number", [drawn(2, 0, ["1"]), { ...drawn(2, 1, ["2"]), winningNumber: 1 }]],
    ["another seal", [drawn(2, 0, ["1"]), { ...drawn(2, 1, ["2"]), seal: headAfter(1) }]],
    ["more winners than bets", [drawn(6, 0, ["1", "2", "3", "4", "5", "6"])]],
  ] as const) {
    it(`distrusts results with ${what}`, async () => {
      const central = new ScriptedCentral();
      const link = await openDone(central);
      const results = link.results();
      central.say(...frames);
      await assert.rejects(results, { code: "CENTRAL_UNSOUND" });
      await link.close();
    });
  }

  it("distrusts a second draw", async () => {
    const central = new ScriptedCentral();
    const link = await openDone(central);
    central.say(drawn(0, 0, []), drawn(0, 0, []));
    await turn();
    await turn();
    await assert.rejects(link.send(outgoing(4)), { code: "CENTRAL_UNSOUND" });
    await link.close();
  });

  it("pings every 15 seconds for as long as it takes", async (t) => {
    const central = new ScriptedCentral();
    const link = await openDone(central);
    t.mock.timers.enable({ apis: ["setTimeout"] });
    const results = link.results();
    await turn();
    for (let token = 1; token <= 3; token++) {
      t.mock.timers.tick(PING_INTERVAL_MS);
      assert.deepEqual(await central.hear(), { kind: "ping", token });
      t.mock.timers.tick(ANSWER_TIMEOUT_MS - 1);
      central.say({ kind: "pong", token });
      await turn();
      await turn();
    }
    central.say(drawn(0, 0, []));
    await results;
    await link.close();
  });

  it("is lost when a PING brings nothing, and not while anything comes", async (t) => {
    const central = new ScriptedCentral();
    const link = await openDone(central);
    t.mock.timers.enable({ apis: ["setTimeout"] });
    const lost = assert.rejects(link.results(), { code: "CONNECTION_LOST" });
    await turn();
    t.mock.timers.tick(PING_INTERVAL_MS);
    await central.hear();
    t.mock.timers.tick(ANSWER_TIMEOUT_MS - 1);
    central.say(drawn(2, 0, ["1"]));
    await turn();
    await turn();
    t.mock.timers.tick(ANSWER_TIMEOUT_MS - 1);
    await turn();
    assert.equal(central.agencySide.destroyed, false);
    t.mock.timers.tick(1);
    await lost;
    await link.close();
  });

  it("pings no more once the results are there", async (t) => {
    const central = new ScriptedCentral();
    const link = await openDone(central);
    t.mock.timers.enable({ apis: ["setTimeout"] });
    const results = link.results();
    await turn();
    central.say(drawn(0, 0, []));
    await results;
    t.mock.timers.tick(PING_INTERVAL_MS);
    await turn();
    assert.equal(central.unheard, 0);
    await link.close();
    await central.untilEnded();
  });
});

describe("closing a link", () => {
  it("leaves no timer running and nobody listening to its signal", async () => {
    let running = 0;
    const dialer = createNativeDialer(() => {
      running++;
      return () => void running--;
    });
    const central = new ScriptedCentral({ dialer });
    const link = await openDone(central);
    const answer = assert.rejects(link.send(outgoing(4)), { code: "CONNECTION_LOST" });
    const waiting = assert.rejects(link.results(), { code: "CONNECTION_LOST" });
    await turn();
    assert.equal(running, 2);
    await link.close();
    await Promise.all([answer, waiting]);
    assert.equal(running, 0);
    assert.equal(getEventListeners(central.abort.signal, "abort").length, 0);
  });

  it("ends the connection, turns away who waits, and does so once", async () => {
    const central = new ScriptedCentral();
    const link = await openDone(central);
    const waiting = assert.rejects(link.results(), { code: "CONNECTION_LOST" });
    await Promise.all([link.close(), link.close()]);
    await waiting;
    await central.untilEnded();
    assert.equal(central.agencySide.destroyed, true);
    await assert.rejects(link.send(outgoing(4)), { code: "CONNECTION_LOST" });
    await link.close();
  });

  it("cuts a connection on which the goodbye gets stuck", async (t) => {
    const central = new ScriptedCentral();
    const link = await central.open();
    t.mock.timers.enable({ apis: ["setTimeout"] });
    central.centralSide.removeAllListeners("data");
    central.centralSide.pause();
    for (let sequence = 1; sequence <= 40; sequence++) {
      link.send(outgoing(sequence, 100)).catch(() => undefined);
    }
    await turn();
    const closed = link.close();
    await turn();
    assert.equal(central.agencySide.destroyed, false);
    t.mock.timers.tick(1000);
    await closed;
    assert.equal(central.agencySide.destroyed, true);
  });
});
