import assert from "node:assert/strict";
import { describe, it, type TestContext } from "node:test";
import { LINGER_MS } from "../../src/central/deadline.ts";
import { encodeLines } from "../../src/lottery/canonical-line.ts";
import { FIRST_HEAD, nextHead } from "../../src/lottery/chain.ts";
import { nativeDialect } from "../../src/protocols/dialects/native/dialect.ts";
import { encodeClient } from "../../src/protocols/dialects/native/encode.ts";
import {
  type CentralMessage,
  type ClientMessage,
  PREFACE,
} from "../../src/protocols/dialects/native/wire.ts";
import { decoderFor, messagesOf } from "../protocols/dialects/native/codec.ts";
import { inShort } from "../protocols/dialects/native/served.ts";
import { type Fixture, type FixtureOptions, startFixture } from "./fixture.ts";
import { bet, type TestPeer } from "./line-peer.ts";
import { until } from "../support/turns.ts";
import { type PlayedConnection, playConnection } from "./played-connection.ts";

const LINES = encodeLines([bet(1, "30904465", 7574), bet(1, "100")]);
const BATCH: ClientMessage = { kind: "batch", sequence: 1, count: 2, lines: LINES };
const DONE: ClientMessage = {
  kind: "done",
  batches: 1,
  bets: 2,
  head: nextHead(FIRST_HEAD, 1, 2, LINES),
};
const NOTHING: ClientMessage = { kind: "done", batches: 0, bets: 0, head: FIRST_HEAD };
const PING: ClientMessage = { kind: "ping", token: 7 };
const HELLO = Buffer.concat([
  PREFACE,
  encodeClient({ kind: "hello", agency: 1, draw: "", credentials: Buffer.alloc(0) }),
]);

/** A client of the native protocol, over a real socket. */
class NativePeer {
  readonly peer: TestPeer;
  readonly #heard: CentralMessage[] = [];

  constructor(peer: TestPeer) {
    this.peer = peer;
    const decoder = decoderFor("central");
    peer.socket.on("data", (chunk: Buffer) => {
      this.#heard.push(...(messagesOf(decoder, [chunk]) as CentralMessage[]));
    });
  }

  say(...messages: ClientMessage[]): void {
    this.peer.write(Buffer.concat(messages.map(encodeClient)));
  }

  /** The next messages of the central, as many as are expected. */
  async next(count: number): Promise<CentralMessage[]> {
    const { socket } = this.peer;
    await until(() => this.#heard.length >= count || socket.readableEnded || socket.destroyed);
    return this.#heard.splice(0, count);
  }

  async hears(...expected: string[]): Promise<void> {
    assert.deepEqual((await this.next(expected.length)).map(inShort), expected);
  }

  /** The central has ended its side or cut the connection, and has sent nothing more before. */
  async hearsTheEnd(): Promise<void> {
    await this.peer.ended;
    assert.deepEqual(this.#heard.map(inShort), []);
  }
}

interface Stage extends Fixture {
  /** Connects and says HELLO. */
  readonly reconnect: (agency: number) => Promise<NativePeer>;
  /** The same, and checks that its agency has sent nothing so far. */
  readonly hello: (agency: number) => Promise<NativePeer>;
}

async function startStage(t: TestContext, options: FixtureOptions = {}): Promise<Stage> {
  const fixture = await startFixture(t, { dialects: [nativeDialect], ...options });
  const reconnect: Stage["reconnect"] = async (agency) => {
    const client = new NativePeer(await fixture.connect());
    client.peer.write(PREFACE);
    client.say({ kind: "hello", agency, draw: "", credentials: Buffer.alloc(0) });
    return client;
  };
  return {
    ...fixture,
    reconnect,
    async hello(agency) {
      const client = await reconnect(agency);
      await client.hears("WELCOME 1");
      return client;
    },
  };
}

describe("central: a native client that ends its side", () => {
  it("gets all answers, and its winners when the draw comes", async (t) => {
    const { hello, store, sessionClosed } = await startStage(t, { store: { agencies: 2 } });
    const [one, two] = [await hello(1), await hello(2)];
    store.hold();
    one.say(BATCH, DONE);
    one.peer.socket.end();
    await until(() => store.pendingBytes > 0);
    store.release();
    await one.hears("ACK 1", "ACK 1 done");
    two.say(NOTHING);
    await two.hears("ACK 0 done", "DRAWN 0+0/0");
    const [drawn] = await one.next(1);
    assert.ok(drawn?.kind === "drawn");
    assert.deepEqual(drawn.documents, ["30904465"]);
    await one.hearsTheEnd();
    const { result, reason } = await sessionClosed();
    assert.deepEqual([result, reason], ["success", "ended by the peer"]);
  });

  it("gets all of its winners, even if they are more than a connection buffers", async (t) => {
    // One byte of length and eight digits each: together more than the buffer holds.
    const winners = 20_000;
    const batchBets = 2000;
    const { hello } = await startStage(t, {
      store: { agencies: 1 },
      limits: { peerBufferBytesMax: 1 << 17, frameBytesMax: 1 << 17 },
    });
    const batches = winners / batchBets;
    const client = await hello(1);
    let head = FIRST_HEAD;
    for (let sequence = 1; sequence <= batches; sequence++) {
      const documents = Array.from({ length: batchBets }, (_, index) =>
        String(10_000_000 + sequence * batchBets + index),
      );
      const lines = encodeLines(documents.map((document) => bet(1, document, 7574)));
      head = nextHead(head, sequence, batchBets, lines);
      client.say({ kind: "batch", sequence, count: batchBets, lines });
      await client.hears(`ACK ${sequence}`);
    }
    client.say({ kind: "done", batches, bets: winners, head });
    client.peer.socket.end();
    await client.hears(`ACK ${batches} done`);
    let told = 0;
    while (told < winners) {
      const [drawn] = await client.next(1);
      assert.ok(drawn?.kind === "drawn");
      told += drawn.documents.length;
    }
    await client.hearsTheEnd();
  });

  it("keeps its place however long the draw takes", async (t) => {
    const { hello, clock, central } = await startStage(t, { store: { agencies: 2 } });
    const one = await hello(1);
    one.say(NOTHING);
    one.peer.socket.end();
    await one.hears("ACK 0 done");
    clock.advance(3_600_000);
    assert.equal(central.connections, 1);
    const two = await hello(2);
    two.say(NOTHING);
    await one.hears("DRAWN 0+0/0");
    await one.hearsTheEnd();
  });

  it("loses its place when it is completely gone", async (t) => {
    const { hello, clock, central } = await startStage(t, { store: { agencies: 2 } });
    const one = await hello(1);
    one.say(NOTHING);
    one.peer.socket.end();
    await one.hears("ACK 0 done");
    one.peer.socket.resetAndDestroy();
    await until(() => {
      clock.advance(1000);
      return central.connections === 0;
    });
  });

  it("loses its place to its agency's next session", async (t) => {
    const { hello, reconnect, central } = await startStage(t, { store: { agencies: 2 } });
    const former = await hello(1);
    former.say(NOTHING);
    former.peer.socket.end();
    await former.hears("ACK 0 done");
    const newer = await reconnect(1);
    await newer.hears("WELCOME 1");
    await former.hears("ERROR FENCED");
    await former.hearsTheEnd();
    await until(() => central.connections === 1);
  });

  it("gets its answers and then the end when it is not done", async (t) => {
    const { hello, central } = await startStage(t);
    const client = await hello(1);
    client.say(BATCH);
    client.peer.socket.end();
    await client.hears("ACK 1");
    await client.hearsTheEnd();
    await until(() => central.connections === 0);
  });

  it("is told STOPPING when the central stops before the draw", async (t) => {
    const { hello, central } = await startStage(t, { store: { agencies: 2 } });
    const client = await hello(1);
    client.say(NOTHING);
    client.peer.socket.end();
    await client.hears("ACK 0 done");
    await central.stop("SIGTERM");
    await client.hears("ERROR STOPPING");
    await client.hearsTheEnd();
  });
});

describe("central: a native client that is late", () => {
  for (const [what, said, missing, limitMs] of [
    ["its greeting", PREFACE, "no first message", 10_000],
    ["the rest of its greeting", HELLO.subarray(0, 9), "no first message", 10_000],
    ["the rest of a frame", encodeClient(BATCH).subarray(0, 20), "message not complete", 30_000],
    ["any message", encodeClient(PING), "no message", 300_000],
  ] as const) {
    const text = `${missing} within ${limitMs} ms`;
    it(`with ${what} is told TIMEOUT and ended`, async (t) => {
      const { connection, desk, clock, logger, sessions } = playConnection(t, nativeDialect);
      const answers = answersOn(connection);
      if (missing !== "no first message") {
        await connection.say(HELLO);
        await desk.welcome();
        assert.deepEqual(answers().map(inShort), ["WELCOME 1"]);
      }
      await connection.say(said);
      answers();
      clock.advance(limitMs - 1);
      assert.deepEqual(answers(), []);
      clock.advance(1000);
      assert.deepEqual(answers(), [{ kind: "error", code: "TIMEOUT", fatal: true, text }]);
      await until(() => connection.writableFinished || connection.destroyed);
      assert.equal(connection.destroyed, false);
      connection.push(null);
      await until(() => sessions.size === 0);
      assert.deepEqual(logger.of("close_session"), [
        {
          action: "close_session",
          result: "fail",
          ip: "127.0.0.1",
          dialect: "native",
          reason: text,
        },
      ]);
    });
  }

  it("is cut when it does not end its side after TIMEOUT", async (t) => {
    const { connection, desk, clock, logger, sessions } = playConnection(t, nativeDialect);
    await connection.say(HELLO);
    await desk.welcome();
    clock.advance(301_000);
    await until(() => connection.writableFinished || connection.destroyed);
    // The first step only notices that everything was taken; then the peer's time begins.
    clock.advance(1000);
    assert.equal(connection.destroyed, false);
    clock.advance(LINGER_MS);
    assert.equal(connection.destroyed, true);
    await until(() => sessions.size === 0);
    assert.equal(logger.of("close_session")[0]?.["reason"], "no message within 300000 ms");
  });

  it("is cut without TIMEOUT when it has not taken what it was sent before", async (t) => {
    const { connection, desk, clock, sessions } = playConnection(t, nativeDialect);
    const answers = answersOn(connection);
    await connection.say(HELLO);
    await desk.welcome();
    answers();
    connection.reading = false;
    await connection.say(encodeClient(PING));
    clock.advance(301_000);
    assert.equal(connection.destroyed, true);
    await until(() => sessions.size === 0);
    assert.deepEqual(answers(), []);
  });

  it("loses no confirmed bet, and not its place in the draw", async (t) => {
    const { hello, reconnect, clock, store } = await startStage(t, { store: { agencies: 1 } });
    const client = await hello(1);
    client.say(BATCH);
    await client.hears("ACK 1");
    clock.advance(301_000);
    await client.hears("ERROR TIMEOUT");
    const again = await reconnect(1);
    await again.hears("WELCOME 2");
    again.say(DONE);
    await again.hears("ACK 1 done", "DRAWN 0+1/1");
    assert.equal(store.batches.length, 1);
  });
});

function answersOn(connection: PlayedConnection): () => CentralMessage[] {
  const decoder = decoderFor("central");
  return () => messagesOf(decoder, [connection.heard()]) as CentralMessage[];
}
