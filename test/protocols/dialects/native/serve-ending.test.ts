import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { encodeClient } from "../../../../src/protocols/dialects/native/encode.ts";
import { PREFACE } from "../../../../src/protocols/dialects/native/wire.ts";
import { stored, turn } from "../../scripted-desk.ts";
import { batch, done, HELLO, Served } from "./served.ts";

async function open(): Promise<Served> {
  const served = new Served();
  await served.open();
  return served;
}

describe("a violation", () => {
  for (const [what, bytes, code] of [
    ["a frame that is too large", "00002000", "FRAME_TOO_LARGE"],
    ["an unknown type", "0000000177", "UNKNOWN_TYPE"],
    ["a malformed body", "00000002050f", "MALFORMED"],
    ["a length of 0", "00000000", "MALFORMED"],
    ["a central's message", "000000058700000001", "UNEXPECTED_MESSAGE"],
  ] as const) {
    it(`by ${what} is answered with ERROR ${code}, logged, and ends the connection`, async () => {
      const served = await open();
      const steps = served.receive(Buffer.from(`${bytes}000000050500000001`, "hex"));
      assert.equal(steps, 0);
      const [error, ...others] = served.answers();
      assert.equal(error?.kind, "error");
      assert.equal(error.code, code);
      assert.equal(error.fatal, true);
      assert.deepEqual(others, []);
      assert.equal(served.peer.ends, 1);
      const violated = { kind: "protocol-violated", code, error: error.text };
      assert.deepEqual(served.peer.events, [violated]);
      served.receive(Buffer.from("000000050500000001", "hex"));
      assert.deepEqual(served.heard(), []);
      assert.equal(served.conversation.awaiting, "central");
    });
  }

  it("comes after the ACK of what is durable", async () => {
    const served = await open();
    served.say(batch(1));
    served.desk.settle(1, stored(1));
    served.receive(Buffer.from("00000000", "hex"));
    assert.deepEqual(served.heard(), ["ACK 1", "ERROR MALFORMED"]);
  });

  it("in the very first bytes is answered too", () => {
    const served = new Served();
    served.receive(Buffer.from("QNLX"));
    assert.deepEqual(served.heard(), ["ERROR MALFORMED"]);
  });
});

describe("an ending", () => {
  it("by the client is answered with what it still waits for, then ended", async () => {
    const served = await open();
    served.say(batch(1), batch(2));
    served.conversation.ended();
    assert.equal(served.peer.ends, 0);
    assert.equal(served.conversation.awaiting, "central");
    served.desk.settle(1, stored(1));
    served.desk.settle(2, stored(2));
    assert.deepEqual(served.heard(), ["ACK 2"]);
    assert.equal(served.peer.ends, 1);
  });

  it("by the client after DONE waits until that is recorded, and for the draw", async () => {
    const served = await open();
    served.say(batch(1), done(1));
    served.conversation.ended();
    served.desk.settle(1, stored(1));
    await served.desk.recordDone({ kind: "done" });
    assert.deepEqual(served.heard(), ["ACK 1", "ACK 1 done"]);
    assert.equal(served.conversation.awaiting, "central");
    assert.equal(served.peer.ends, 0);
    await served.desk.draw(["30904465"]);
    assert.deepEqual(served.heard(), ["DRAWN 0+1/1"]);
    assert.equal(served.peer.ends, 1);
  });

  it("by the client comes after all its results, in however many parts", async () => {
    const served = await open();
    served.say(done(0));
    await served.desk.recordDone({ kind: "done" });
    await served.desk.draw(Array.from({ length: 20_000 }, String));
    served.conversation.ended();
    assert.equal(served.conversation.awaiting, "central");
    assert.equal(served.peer.ends, 0);
    let told = 0;
    do {
      await turn();
      for (const frame of served.answers())
        if (frame.kind === "drawn") told += frame.documents.length;
    } while (served.peer.drain());
    assert.equal(told, 20_000);
    assert.equal(served.peer.ends, 1);
  });

  it("by the client right behind HELLO waits for the results of an agency that is done", async () => {
    const served = new Served();
    served.greet();
    served.conversation.ended();
    await served.desk.welcome({ nextSequence: 2, bets: 5, done: true });
    assert.deepEqual(served.heard(), ["WELCOME 2"]);
    assert.equal(served.peer.ends, 0);
    await served.desk.draw([]);
    assert.deepEqual(served.heard(), ["DRAWN 0+0/0"]);
    assert.equal(served.peer.ends, 1);
  });

  it("by the client after its results is answered at once", async () => {
    const served = await open();
    served.say(done(0));
    await served.desk.recordDone({ kind: "done" });
    await served.desk.draw([]);
    served.conversation.ended();
    assert.deepEqual(served.heard(), ["ACK 0 done", "DRAWN 0+0/0"]);
    assert.equal(served.peer.ends, 1);
  });

  it("by the client keeps no place for an agency whose DONE is not taken", async () => {
    const served = await open();
    served.say(done(0));
    served.conversation.ended();
    await served.desk.recordDone({ kind: "busy", retryAfterMs: 500 });
    assert.deepEqual(served.heard(), ["BUSY 0 500"]);
    assert.equal(served.peer.ends, 1);
    assert.deepEqual(served.desk.resultsAsked, []);
  });

  it("by the client within a frame is a violation", async () => {
    const served = await open();
    served.receive(encodeClient(batch(1)).subarray(0, 9));
    assert.equal(served.conversation.awaiting, "rest");
    served.conversation.ended();
    assert.deepEqual(served.heard(), ["ERROR MALFORMED"]);
    const [event] = served.peer.events;
    assert.ok(event?.kind === "protocol-violated" && event.code === "FRAME_TRUNCATED");
    assert.equal(served.peer.ends, 1);
  });

  it("by the client before HELLO says nothing", () => {
    const served = new Served();
    served.receive(PREFACE);
    served.conversation.ended();
    assert.deepEqual(served.heard(), []);
    assert.equal(served.peer.ends, 1);
  });

  it("by the central says STOPPING after what is durable, and leaves the rest to the session", async () => {
    const served = await open();
    served.say(batch(1), batch(2));
    served.desk.settle(1, stored(1));
    served.conversation.stopping();
    assert.deepEqual(served.heard(), ["ACK 1", "ERROR STOPPING"]);
    assert.equal(served.peer.ends, 0);
    served.desk.settle(2, stored(2));
    await turn();
    assert.deepEqual(served.heard(), []);
  });

  it("by the central is said to peers that have not greeted yet, too", () => {
    const served = new Served();
    served.receive(PREFACE);
    served.conversation.stopping();
    assert.deepEqual(served.heard(), ["ERROR STOPPING"]);
  });

  it("by a deadline says TIMEOUT after what is durable, and leaves the rest to the session", async () => {
    const served = await open();
    served.say(batch(1));
    served.desk.settle(1, stored(1));
    served.conversation.overdue?.("no message within 5 ms");
    const [ack, error, ...others] = served.answers();
    assert.equal(ack?.kind, "ack");
    assert.deepEqual(error, {
      kind: "error",
      code: "TIMEOUT",
      fatal: true,
      text: "no message within 5 ms",
    });
    assert.deepEqual(others, []);
    assert.equal(served.peer.ends, 0);
    served.say(batch(2));
    served.conversation.overdue?.("again");
    assert.deepEqual(served.heard(), []);
  });

  it("by another session of the agency says FENCED", async () => {
    const served = await open();
    served.say(batch(1));
    served.desk.fence?.();
    assert.deepEqual(served.heard(), ["ERROR FENCED"]);
    assert.equal(served.peer.ends, 1);
    served.desk.settle(1, stored(1));
    served.desk.fence?.();
    await turn();
    assert.deepEqual(served.heard(), []);
    assert.equal(served.peer.ends, 1);
  });

  it("of the connection releases everything once and ignores what is settled later", async () => {
    const served = await open();
    served.say(batch(1), batch(2));
    served.desk.settle(1, stored(1));
    served.conversation.closed();
    served.conversation.closed();
    served.desk.settle(2, stored(2));
    served.desk.fence?.();
    served.conversation.ended();
    served.conversation.stopping();
    served.say(HELLO);
    await turn();
    assert.deepEqual(served.heard(), []);
    assert.equal(served.peer.ends, 0);
  });
});
