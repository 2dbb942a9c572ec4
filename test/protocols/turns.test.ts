import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { Conversation } from "../../src/protocols/desk.ts";
import { createFrameDecoder } from "../../src/protocols/frame-decoder.ts";
import { ProtocolError } from "../../src/protocols/protocol-error.ts";
import {
  type HoldAgency,
  serveTurns,
  type Turn,
  type TurnTaker,
} from "../../src/protocols/turns.ts";
import { FakePeer } from "./fake-peer.ts";
import { ScriptedDesk, turn } from "./scripted-desk.ts";
import { serveContext } from "./serve-context.ts";

/** A dialect of two-byte messages, answered when the test says so; `!x` is a violation. */
class Scripted implements TurnTaker<string> {
  readonly dialect = "scripted";
  readonly decoder = createFrameDecoder<string>({
    measure: () => 2,
    parse: (frame) => {
      if (frame[0] === 0x21) throw new ProtocolError("MALFORMED", "Cannot decode message: it is !");
      return frame.toString();
    },
  });
  readonly taken: string[] = [];
  readonly signals: AbortSignal[] = [];
  answer: (turn: Turn) => void = () => undefined;
  fail: (error: Error) => void = () => undefined;

  take(message: string, over: AbortSignal, hold: HoldAgency): Turn | Promise<Turn> {
    this.taken.push(message);
    this.signals.push(over);
    if (message === "h1") return hold(1).then(() => "next");
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
  conversation: Conversation;
} {
  const taker = new Scripted();
  const peer = new FakePeer();
  const conversation = serveTurns(serveContext(peer, desk), taker);
  return { taker, peer, conversation };
}

/** Steps as a session does: not while the conversation is occupied. @returns the rest */
function step(conversation: Conversation, steps: Iterator<void>): Iterator<void> | undefined {
  while (conversation.occupied !== true) if (steps.next().done === true) return undefined;
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
      const [{ level, event } = assert.fail()] = peer.events;
      assert.equal(level, "warning");
      assert.equal(event.action, "protocol_violation");
      assert.equal(event["dialect"], "scripted");
      assert.equal(event["code"], code);
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

  for (const [what, error, level] of [
    [
      "a failure that the desk tells itself",
      Object.assign(new Error("no"), { code: "X" }),
      "debug",
    ],
    ["an error of our own", new TypeError("x is undefined"), "error"],
  ] as const) {
    it(`ends at ${what}, logged at level ${level}`, async () => {
      const { taker, peer, conversation } = open();
      step(conversation, conversation.receive(Buffer.from("a1")));
      taker.fail(error);
      await turn();
      assert.equal(peer.ends, 1);
      assert.equal(peer.events[0]?.level, level);
    });
  }
});

describe("a conversation that is its agency's only one", () => {
  it("ends when another one takes over, and takes nothing more", async () => {
    const desk = new ScriptedDesk();
    const { taker, peer, conversation } = open(desk);
    step(conversation, conversation.receive(Buffer.from("h1")));
    await desk.welcome();
    await turn();
    assert.equal(conversation.occupied, false);
    desk.fence?.();
    assert.equal(peer.ends, 1);
    assert.equal(taker.signals[0]?.aborted, true);
    assert.equal(desk.released, 1);
    step(conversation, conversation.receive(Buffer.from("s1")));
    assert.deepEqual(taker.taken, ["h1"]);
  });

  it("attends once, and gives the agency back when the connection is gone", async () => {
    const desk = new ScriptedDesk();
    const { conversation } = open(desk);
    step(conversation, conversation.receive(Buffer.from("h1")));
    await desk.welcome();
    await turn();
    step(conversation, conversation.receive(Buffer.from("h1")));
    await turn();
    assert.equal(desk.attended.length, 1);
    conversation.closed();
    assert.equal(desk.released, 1);
  });

  it("holds nothing when the connection is gone before the desk has answered", async () => {
    const desk = new ScriptedDesk();
    const { conversation } = open(desk);
    step(conversation, conversation.receive(Buffer.from("h1")));
    conversation.closed();
    await desk.welcome();
    assert.equal(desk.fence, undefined);
  });

  it("is as any other to a stranger, and when the desk refuses", async () => {
    const desk = new ScriptedDesk();
    const { peer, conversation } = open(desk);
    step(conversation, conversation.receive(Buffer.from("h1")));
    await desk.refuse({ kind: "unknown-agency" });
    await turn();
    assert.equal(conversation.occupied, false);
    assert.equal(peer.ends, 0);
  });
});
