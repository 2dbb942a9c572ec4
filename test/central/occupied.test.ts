import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { Conversation, Peer } from "../../src/protocols/conversation.ts";
import type { Dialect } from "../../src/protocols/dialect.ts";
import { letterDecoder } from "../support/letters.ts";
import { linesDialect } from "./lines-dialect.ts";
import { playConnection } from "./played-connection.ts";
import { startFixture } from "./fixture.ts";
import { turns, until, writeUntilStuck } from "../support/turns.ts";

/** One byte is one message; after each the conversation is occupied until the test says otherwise. */
class OneByteMessages implements Conversation<string> {
  readonly decoder = letterDecoder();
  readonly waitsFor = "central";
  readonly peer: Peer;
  taken = "";
  occupied = false;

  constructor(peer: Peer) {
    this.peer = peer;
  }

  take(letter: string): void {
    assert.equal(this.occupied, false, "it was given a message while it was occupied");
    this.taken += letter;
    this.occupied = true;
  }

  release(): void {
    this.occupied = false;
    this.peer.proceed();
  }

  violated(): void {}
  ended(): void {}
  stopping(): void {}
  closed(): void {}
}

function oneByteDialect(): { dialect: Dialect; served: OneByteMessages[] } {
  const served: OneByteMessages[] = [];
  const dialect: Dialect = {
    name: "one-byte",
    recognise: () => "yes",
    serve({ peer }) {
      const conversation = new OneByteMessages(peer);
      served.push(conversation);
      return conversation;
    },
  };
  return { dialect, served };
}

describe("central: a conversation that is occupied", () => {
  it("gets its next message when it is free again, one by one, also within one segment", async (t) => {
    const { dialect, served } = oneByteDialect();
    const { connect } = await startFixture(t, { dialects: [dialect] });
    const peer = await connect();
    peer.write("abc");
    await until(() => served.length > 0);
    await turns(20);
    const [conversation = assert.fail()] = served;
    assert.equal(conversation.taken, "a");
    conversation.release();
    assert.equal(conversation.taken, "ab");
    conversation.release();
    conversation.release();
    assert.equal(conversation.taken, "abc");
  });

  it("P9 keeps what its peer sends in the network, not in our memory", async (t) => {
    const { dialect, served } = oneByteDialect();
    const { connect } = await startFixture(t, { dialects: [dialect] });
    const peer = await connect();
    peer.write("a");
    await until(() => served[0]?.taken === "a");
    const most = 64 * 1024 * 1024;
    assert.ok((await writeUntilStuck(peer.socket, Buffer.alloc(65_536, 0x62), most)) < most);
    assert.equal(served[0]?.taken, "a");
  });
});

it("P9 the central reads nothing more from a peer until the peer takes its answers", async (t) => {
  const { connection } = playConnection(t, linesDialect);
  connection.reading = false;
  await connection.say("LINES\nFLOOD 20000 1\n");
  await turns(5);
  assert.equal(connection.isPaused(), true);
  connection.readOn();
  await until(() => !connection.isPaused());
});
