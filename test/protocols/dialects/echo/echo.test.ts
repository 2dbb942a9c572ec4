import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, it } from "node:test";
import { linesOf } from "../../../../src/log/central-lines.ts";
import type { PeerEvent } from "../../../../src/protocols/conversation.ts";
import { createEchoDialect } from "../../../../src/protocols/dialects/echo/dialect.ts";
import { echoMessage } from "../../../../src/protocols/dialects/echo/message.ts";
import { root } from "../../../support/paths.ts";
import { Driven } from "../../driven.ts";
import { FakePeer } from "../../fake-peer.ts";
import { ScriptedDesk } from "../../scripted-desk.ts";
import { SERVE_LIMITS, serveContext } from "../../serve-context.ts";

const LINE_BYTES_MAX = 64;

const golden = JSON.parse(
  readFileSync(join(root, "test/golden/echo/exercise.json"), "utf8"),
) as readonly { title: string; sent: string; msg: string }[];

function open(): { peer: FakePeer; conversation: Driven } {
  const peer = new FakePeer();
  const limits = { ...SERVE_LIMITS, frameBytesMax: LINE_BYTES_MAX };
  const dialect = createEchoDialect({ anyLine: true });
  const context = serveContext(peer, new ScriptedDesk(), { limits });
  return { peer, conversation: new Driven(dialect.serve(context)) };
}

/** Gives the conversation chunks whose bytes are gone afterwards. */
function receive(conversation: Driven, ...chunks: (string | Uint8Array)[]): void {
  for (const bytes of chunks) {
    const chunk = Buffer.from(bytes as Uint8Array);
    const steps = conversation.receive(chunk);
    while (steps.next().done !== true);
    chunk.fill(0xee);
  }
}

function echoed(text: string): PeerEvent {
  return { kind: "message-echoed", text };
}

describe("the echo", () => {
  for (const { title, sent, msg } of golden) {
    it(`answers ${title} unchanged, logs its text and ends`, () => {
      const { peer, conversation } = open();
      receive(conversation, sent);
      assert.equal(peer.take().toString(), sent);
      assert.deepEqual(peer.events, [echoed(msg)]);
      assert.equal(peer.ends, 1);
      assert.equal(conversation.awaiting, "central");
    });

    it(`answers ${title} the same however it is cut`, () => {
      const bytes = Buffer.from(sent);
      for (let place = 0; place <= bytes.length; place++) {
        const { peer, conversation } = open();
        receive(conversation, bytes.subarray(0, place), bytes.subarray(place));
        assert.equal(peer.take().toString(), sent);
        assert.deepEqual(peer.events, [echoed(msg)]);
        assert.equal(peer.ends, 1);
      }
    });
  }

  it("waits for the line within the deadline of a greeting", () => {
    const { peer, conversation } = open();
    assert.equal(conversation.awaiting, "greeting");
    receive(conversation, "no end yet");
    assert.equal(conversation.awaiting, "greeting");
    assert.equal(peer.take().length, 0);
  });

  it("logs the mandated keys in the mandated order once the session has put the address in", () => {
    const { peer, conversation } = open();
    receive(conversation, `${echoMessage("1", 7)}\n`);
    const [event = assert.fail()] = peer.events;
    const [{ line } = assert.fail()] = linesOf({
      ...event,
      from: { address: peer.address },
      dialect: "echo",
    });
    assert.deepEqual(Object.keys(line), ["action", "result", "ip", "msg"]);
    assert.equal(line["msg"], "[CLIENT 1] Message N°7");
  });

  it("ends after one line, whatever comes behind it", () => {
    const { peer, conversation } = open();
    receive(conversation, "one\ntwo\n", "three\n");
    assert.equal(peer.take().toString(), "one\n");
    assert.equal(peer.events.length, 1);
    assert.equal(peer.ends, 1);
  });

  it("answers bytes that are not UTF-8 as they are and logs what can be read", () => {
    const { peer, conversation } = open();
    const bytes = Buffer.from([0x61, 0xff, 0xc3, 0x0a]);
    receive(conversation, bytes);
    assert.deepEqual(peer.take(), bytes);
    assert.deepEqual(peer.events, [echoed("a\ufffd\ufffd")]);
  });

  it("answers what came before an end without LF", () => {
    const { peer, conversation } = open();
    receive(conversation, "no ", "end");
    conversation.ended();
    assert.equal(peer.take().toString(), "no end");
    assert.deepEqual(peer.events, [echoed("no end")]);
    assert.equal(peer.ends, 1);
  });

  it("has nothing to say to a peer that ends at once", () => {
    const { peer, conversation } = open();
    conversation.ended();
    conversation.ended();
    assert.equal(peer.take().length, 0);
    assert.deepEqual(peer.events, []);
    assert.equal(peer.ends, 1);
  });

  it("takes a line of exactly the limit and ends without an answer at one byte more", () => {
    const longest = `${"x".repeat(LINE_BYTES_MAX - 1)}\n`;
    const fits = open();
    receive(fits.conversation, longest);
    assert.equal(fits.peer.take().toString(), longest);

    for (const chunks of [[`x${longest}`], [longest.replace("\n", "x"), "x"]]) {
      const { peer, conversation } = open();
      receive(conversation, ...chunks);
      assert.equal(peer.take().length, 0);
      const [event] = peer.events;
      assert.ok(event?.kind === "protocol-violated" && event.code === "FRAME_TOO_LARGE");
      assert.equal(peer.ends, 1);
      receive(conversation, "\n");
      assert.equal(peer.ends, 1);
    }
  });

  it("says nothing when the central stops or the connection is gone", () => {
    for (const act of ["stopping", "closed"] as const) {
      const { peer, conversation } = open();
      receive(conversation, "half");
      conversation[act]();
      receive(conversation, " a line\n");
      conversation.ended();
      assert.equal(peer.take().length, 0);
      assert.equal(peer.ends, 0);
    }
  });

  it("takes no bets", () => {
    assert.equal(createEchoDialect({ anyLine: false }).dialer, undefined);
  });
});
