import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { Counter } from "../../../src/protocols/counter.ts";
import { admitted } from "../../../src/protocols/kit/intake.ts";
import { createFrameDecoder } from "../../../src/protocols/kit/frame-decoder.ts";
import { ProtocolError } from "../../../src/protocols/protocol-error.ts";
import {
  serveTurns,
  type Taken,
  type Turn,
  type TurnHost,
  type TurnTaker,
} from "../../../src/protocols/kit/turns.ts";
import { Driven } from "../driven.ts";
import { FakePeer } from "../fake-peer.ts";
import { ScriptedDesk, turn } from "../scripted-desk.ts";
import { serveContext } from "../serve-context.ts";

/**
 * A dialect of two-byte messages, answered when the test says so: by a promise, or with `d` by telling
 * the host, with `D` within the call; `!x` is a violation.
 */
class Scripted implements TurnTaker<string> {
  readonly decoder = createFrameDecoder<string>({
    measure: () => 2,
    parse: (frame) => {
      if (frame[0] === 0x21) throw new ProtocolError("MALFORMED", "Cannot decode message: it is !");
      return frame.toString();
    },
  });
  readonly taken: string[] = [];
  readonly signals: AbortSignal[] = [];
  host: TurnHost | undefined;
  counter: Counter | undefined;
  answer: (turn: Turn) => void = () => undefined;
  fail: (error: Error) => void = () => undefined;

  take(message: string, host: TurnHost): Taken {
    this.taken.push(message);
    this.host = host;
    this.signals.push(host.over);
    if (message === "D1") host.answered("next");
    if (/^[dD]/.test(message)) return "due";
    if (message === "h1") host.hold(this.counter ?? assert.fail("nobody is admitted"));
    if (message === "h1") return "next";
    if (message === "pd") return Promise.resolve("due");
    if (message === "??") throw new ProtocolError("UNEXPECTED_MESSAGE", "Cannot take ??");
    if (message.startsWith("s")) return message === "sE" ? "end" : "next";
    return new Promise((resolve, reject) => {
      this.answer = resolve;
      this.fail = reject;
    });
  }

  refusal(error: ProtocolError): Uint8Array {
    return Buffer.from(error.code);
  }
}

function open(desk = new ScriptedDesk()): {
  taker: Scripted;
  peer: FakePeer;
  conversation: Driven;
} {
  const taker = new Scripted();
  const peer = new FakePeer();
  const context = serveContext(peer, desk);
  const conversation = new Driven(serveTurns(context, taker));
  taker.counter = admitted(context, 1);
  return { taker, peer, conversation };
}

/** Steps as a session does: not while the conversation is occupied. @returns the rest */
function step(conversation: Driven, steps: Iterator<void>): Iterator<void> | undefined {
  while (!conversation.mustWait) if (steps.next().done === true) return undefined;
  return steps;
}

describe("a conversation in turns", () => {
  it("takes the next message only when the one before is answered", async () => {
    const { taker, peer, conversation } = open();
    const rest = step(conversation, conversation.receive(Buffer.from("a1a2")));
    assert.deepEqual(taker.taken, ["a1"]);
    assert.equal(conversation.awaiting, "central");
    taker.answer("next");
    await turn();
    assert.equal(peer.proceeds, 1);
    assert.equal(conversation.occupied, false);
    step(conversation, rest ?? assert.fail());
    assert.deepEqual(taker.taken, ["a1", "a2"]);
  });

  it("takes many messages of one chunk that are answered on the spot", () => {
    const { taker, conversation } = open();
    assert.equal(step(conversation, conversation.receive(Buffer.from("s1s2s3s"))), undefined);
    assert.deepEqual(taker.taken, ["s1", "s2", "s3"]);
    assert.equal(conversation.awaiting, "rest");
    step(conversation, conversation.receive(Buffer.from("4")));
    assert.equal(conversation.awaiting, "message");
  });

  it("finishes a chunk that is used up while its answer is due, and takes no other", async () => {
    const { taker, peer, conversation } = open();
    const chunk = Buffer.from("d1s");
    const rest = step(conversation, conversation.receive(chunk));
    assert.notEqual(rest, undefined);
    taker.host?.answered("next");
    assert.equal(step(conversation, rest ?? assert.fail()), undefined);
    assert.equal(step(conversation, conversation.receive(Buffer.from("1d2"))), undefined);
    assert.deepEqual(taker.taken, ["d1", "s1", "d2"]);
    assert.deepEqual([conversation.occupied, conversation.awaiting], [true, "central"]);
    taker.host?.answered("next");
    assert.deepEqual([conversation.occupied, conversation.awaiting], [false, "message"]);
    await turn();
    assert.equal(peer.proceeds, 2);
  });

  it("keeps what is left of a chunk whose memory is used again", () => {
    const { taker, conversation } = open();
    const chunk = Buffer.from("d1s2s");
    const rest = step(conversation, conversation.receive(chunk));
    conversation.retain();
    chunk.fill(0xee);
    taker.host?.answered("next");
    step(conversation, rest ?? assert.fail());
    step(conversation, conversation.receive(Buffer.from("3")));
    assert.deepEqual(taker.taken, ["d1", "s2", "s3"]);
  });

  it("goes on when the answer is found within the call", async () => {
    const { taker, peer, conversation } = open();
    assert.equal(step(conversation, conversation.receive(Buffer.from("D1s2"))), undefined);
    assert.deepEqual(taker.taken, ["D1", "s2"]);
    assert.equal(conversation.occupied, false);
    await turn();
    assert.equal(peer.ends, 0);
  });

  it("does not go on in the midst of who settles", async () => {
    const { taker, peer, conversation } = open();
    step(conversation, conversation.receive(Buffer.from("d1s2")));
    taker.host?.answered("next");
    assert.equal(peer.proceeds, 0);
    await turn();
    assert.equal(peer.proceeds, 1);
  });

  it("leaves the answer due that a promise says is", async () => {
    const { taker, peer, conversation } = open();
    step(conversation, conversation.receive(Buffer.from("pd")));
    await turn();
    assert.deepEqual([conversation.occupied, peer.proceeds], [true, 0]);
    taker.host?.answered("end");
    assert.deepEqual([conversation.occupied, peer.ends], [false, 1]);
  });

  for (const tell of ["answered", "failed"] as const) {
    it(`hears nothing of an answer that comes after the end: ${tell}`, async () => {
      const { taker, peer, conversation } = open();
      step(conversation, conversation.receive(Buffer.from("d1")));
      conversation.closed();
      assert.equal(taker.host?.isOver, true);
      if (tell === "answered") taker.host?.answered("next");
      else taker.host?.failed(new Error("too late"));
      await turn();
      assert.deepEqual([peer.ends, peer.events.length, peer.proceeds], [0, 0, 0]);
    });
  }

  it("waits for a greeting until its first message is whole", () => {
    const { conversation } = open();
    assert.equal(conversation.awaiting, "greeting");
    step(conversation, conversation.receive(Buffer.from("s")));
    assert.equal(conversation.awaiting, "greeting");
  });

  it("ends when the dialect says so, and takes nothing more", () => {
    const { taker, peer, conversation } = open();
    step(conversation, conversation.receive(Buffer.from("sEs2")));
    assert.deepEqual(taker.taken, ["sE"]);
    assert.equal(peer.ends, 1);
    step(conversation, conversation.receive(Buffer.from("s3")));
    assert.deepEqual(taker.taken, ["sE"]);
  });

  for (const bytes of ["!x", "??"]) {
    it(`answers ${bytes} in the dialect's words, logs it and ends`, () => {
      const { peer, conversation } = open();
      step(conversation, conversation.receive(Buffer.from(`${bytes}s1`)));
      assert.equal(peer.ends, 1);
      const code = bytes === "??" ? "UNEXPECTED_MESSAGE" : "MALFORMED";
      assert.equal(peer.take().toString(), code);
      const [event] = peer.events;
      assert.ok(event?.kind === "protocol-violated");
      assert.equal(event.code, code);
    });
  }

  it("tells a peer that ended in the middle of a message", () => {
    const { peer, conversation } = open();
    step(conversation, conversation.receive(Buffer.from("s")));
    conversation.ended();
    assert.equal(peer.take().toString(), "FRAME_TRUNCATED");
    assert.equal(peer.ends, 1);
  });

  it("still answers a peer that has ended its side, then ends", async () => {
    const { taker, peer, conversation } = open();
    step(conversation, conversation.receive(Buffer.from("a1")));
    conversation.ended();
    assert.equal(peer.ends, 0);
    taker.answer("next");
    await turn();
    assert.equal(peer.ends, 1);
  });

  it("ends at once for a peer that says nothing and leaves", () => {
    const { peer, conversation } = open();
    conversation.ended();
    assert.equal(peer.ends, 1);
    assert.deepEqual(peer.events, []);
  });

  it("aborts what it waits for when the connection is gone, and says nothing more", async () => {
    const { taker, peer, conversation } = open();
    step(conversation, conversation.receive(Buffer.from("a1")));
    conversation.closed();
    assert.equal(taker.signals[0]?.aborted, true);
    taker.fail(new Error("aborted"));
    await turn();
    assert.deepEqual([peer.ends, peer.events.length, peer.proceeds], [0, 0, 0]);
  });

  it("says nothing when the central stops", async () => {
    const { taker, peer, conversation } = open();
    step(conversation, conversation.receive(Buffer.from("a1")));
    conversation.stopping();
    taker.answer("next");
    await turn();
    assert.deepEqual([peer.sent.length, peer.proceeds], [0, 0]);
  });

  for (const [what, error, expected] of [
    ["a failure that the desk tells itself", Object.assign(new Error("no"), { code: "X" }), true],
    ["an error of our own", new TypeError("x is undefined"), false],
  ] as const) {
    it(`ends at ${what}, reported as ${expected ? "expected" : "a mistake"}`, async () => {
      const { taker, peer, conversation } = open();
      step(conversation, conversation.receive(Buffer.from("a1")));
      taker.fail(error);
      await turn();
      assert.equal(peer.ends, 1);
      const [event] = peer.events;
      assert.ok(event?.kind === "conversation-failed" && event.expected === expected);
    });
  }
});

describe("a conversation that is its agency's only one", () => {
  it("ends when another one takes over, and takes nothing more", () => {
    const desk = new ScriptedDesk();
    const { taker, peer, conversation } = open(desk);
    step(conversation, conversation.receive(Buffer.from("h1")));
    assert.equal(conversation.occupied, false);
    desk.fence?.();
    assert.equal(peer.ends, 1);
    assert.equal(taker.signals[0]?.aborted, true);
    step(conversation, conversation.receive(Buffer.from("s1")));
    assert.deepEqual(taker.taken, ["h1"]);
  });
});
