import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { encodeLines } from "../../src/lottery/canonical-line.ts";
import type { Dialect } from "../../src/protocols/dialect.ts";
import { linesDialect } from "./lines-dialect.ts";
import { letterDecoder } from "../support/letters.ts";
import type { FakeClock } from "../support/fake-clock.ts";
import { writtenLines } from "../support/memory-logger.ts";
import { startFixture } from "./fixture.ts";
import { batchOf, bet, betOf, type TestPeer } from "./line-peer.ts";
import { turns, until, writeUntilStuck } from "../support/turns.ts";

describe("central: a draw", () => {
  it("takes bets, draws once and tells each agency its own winners, with these log lines", async (t) => {
    const fixture = await startFixture(t, { store: { agencies: 2 } });
    const { greet, store, central, logger, port } = fixture;
    const one = await greet();
    one.write("HELLO 1 -\n");
    assert.equal(await one.line(), "WELCOME 1 1 open");
    one.write(batchOf(1, 1, [bet(1, "100", 7574), bet(1, "101")]));
    assert.equal(await one.line(), "SETTLED 1 stored");
    one.write(batchOf(1, 1, [bet(1, "100", 7574), bet(1, "101")]));
    assert.equal(await one.line(), "SETTLED 1 duplicate");
    one.write("DONE 1\n");
    assert.equal(await one.line(), "DONE done");
    one.write("ASK 1\n");
    assert.equal(await one.line(), "NOTYET");
    one.write(batchOf(1, 2, [bet(1, "102")]));
    assert.equal(await one.line(), "SETTLED 2 late");

    const two = await greet();
    two.write(betOf(1, bet(2, "200", 7574)));
    assert.equal(await two.line(), "SETTLED 1 stored");
    two.write("DONE 2\n");
    assert.deepEqual(await two.lines(2), ["DONE done", "DRAWN 200"]);
    assert.equal(await one.line(), "DRAWN 100");
    two.write("ASK 2\nASK 1\n");
    assert.deepEqual(await two.lines(2), ["RESULTS 200", "RESULTS 100"]);
    assert.equal(store.draws, 1);

    one.socket.end();
    await logger.waitFor(({ action, agency }) => action === "close_session" && agency === 1);
    two.socket.end();
    await two.closed;
    await central.stop("SIGTERM");
    assert.deepEqual(
      writtenLines(logger).filter((line) => !line.startsWith("DEBUG")),
      [
        "INFO     action: accept_connections | result: in_progress",
        `INFO     action: start | result: success | address: 127.0.0.1:${port} | draw: 1 | state: open | agencies: 2 | done: 0 | with_bets: 0 | bets: 0 | waiting_for: 1, 2`,
        "INFO     action: accept_connections | result: success | ip: 127.0.0.1",
        "INFO     action: accept_connections | result: in_progress",
        "INFO     action: apuesta_recibida | result: success | cantidad: 2",
        "INFO     action: apuesta_repetida | result: success | cantidad: 2 | agency: 1",
        "INFO     action: register_done | result: success | agency: 1 | done: 1 | of: 2 | waiting_for: 2",
        "WARNING  action: apuesta_recibida | result: fail | cantidad: 1",
        "WARNING  action: refuse_batch | result: fail | agency: 1 | sequence: 2 | count: 1 | code: LATE",
        "INFO     action: accept_connections | result: success | ip: 127.0.0.1",
        "INFO     action: accept_connections | result: in_progress",
        "INFO     action: apuesta_almacenada | result: success | dni: 200 | numero: 7574",
        "INFO     action: register_done | result: success | agency: 2 | done: 2 | of: 2",
        "INFO     action: sorteo | result: success",
        "INFO     action: draw_summary | result: success | draw: 1 | number: 7574 | agencies: 2 | bets: 3 | winners: 2",
        "INFO     action: close_session | result: success | ip: 127.0.0.1 | dialect: lines | reason: ended by the peer | agency: 1",
        "INFO     action: close_session | result: success | ip: 127.0.0.1 | dialect: lines | reason: ended by the peer | agency: 2",
        "INFO     action: close_listener | result: success",
        "INFO     action: close_store | result: success",
        "INFO     action: stop | result: success | reason: SIGTERM",
      ],
    );
  });

  it("draws once, however many finish at the same moment", async (t) => {
    const agencies = 20;
    const { greet, store, logger } = await startFixture(t, { store: { agencies } });
    const peers = await Promise.all(Array.from({ length: agencies }, greet));
    for (const [index, peer] of peers.entries()) peer.write(`DONE ${index + 1}\n`);
    for (const peer of peers) assert.deepEqual(await peer.lines(2), ["DONE done", "DRAWN "]);
    assert.equal(store.draws, 1);
    assert.equal(logger.of("sorteo").length, 1);
  });

  it("fences an agency's former session", async (t) => {
    const { greet, sessionClosed, store, central, logger } = await startFixture(t);
    const former = await greet();
    former.write("HELLO 1 -\n");
    await former.line();
    store.hold();
    former.write(batchOf(1, 1, [bet(1, "100")]));
    await until(() => store.pendingBytes > 0);
    const other = await greet();
    other.write("HELLO 2 -\n");
    await other.line();
    const newer = await greet();
    newer.write("HELLO 1 -\n");
    assert.equal(await newer.line(), "WELCOME 1 1 open");
    assert.equal(await former.line(), "FENCED");
    await former.ended;
    // What it had sent is still stored; only its answer is not sent any more.
    store.release();
    newer.write(batchOf(1, 2, [bet(1, "200")]));
    assert.equal(await newer.line(), "SETTLED 2 stored");
    assert.equal(former.unread, "");
    assert.equal(central.connections, 3);
    former.socket.end();
    assert.deepEqual(await sessionClosed(), {
      action: "close_session",
      result: "fail",
      ip: "127.0.0.1",
      dialect: "lines",
      reason: "displaced by a newer session of its agency, from 127.0.0.1",
      agency: 1,
    });
    assert.deepEqual(
      logger.events.filter(({ event }) => event.action === "fence_agency"),
      [
        {
          level: "warning",
          event: {
            action: "fence_agency",
            result: "success",
            ip: "127.0.0.1",
            agency: 1,
            by: "127.0.0.1",
          },
        },
      ],
    );
    other.write("PING a\n");
    assert.equal(await other.line(), "PONG a");
    newer.write("PING b\n");
    assert.equal(await newer.line(), "PONG b");
  });
});

describe("central: a peer that ends its side", () => {
  it("still gets its answers", async (t) => {
    const { greet, store, sessionClosed } = await startFixture(t);
    store.hold();
    const peer = await greet();
    peer.write(batchOf(1, 1, [bet(1, "100")]));
    peer.write(batchOf(1, 2, [bet(1, "200")]));
    peer.socket.end();
    store.release();
    assert.deepEqual(await peer.lines(2), ["SETTLED 1 stored", "SETTLED 2 stored"]);
    await peer.closed;
    assert.equal((await sessionClosed())["result"], "success");
  });

  it("still gets its winners", async (t) => {
    const { greet } = await startFixture(t, { store: { agencies: 2 } });
    const [one, two] = [await greet(), await greet()];
    one.write("DONE 1\n");
    one.socket.end();
    assert.equal(await one.line(), "DONE done");
    two.write("DONE 2\n");
    assert.equal(await one.line(), "DRAWN ");
    await one.closed;
  });

  it("gets an end at once when it is owed nothing", async (t) => {
    const { greet, sessionClosed } = await startFixture(t);
    const peer = await greet();
    peer.socket.end("PING a\n");
    assert.equal(await peer.line(), "PONG a");
    await peer.closed;
    const { result, reason } = await sessionClosed();
    assert.deepEqual([result, reason], ["success", "ended by the peer"]);
  });

  it("is not mistaken for a peer that ends inside a message", async (t) => {
    const { greet, sessionClosed, logger } = await startFixture(t);
    const peer = await greet();
    peer.socket.end("PING a\nPING");
    await peer.closed;
    const { result, reason } = await sessionClosed();
    assert.deepEqual([result, reason], ["fail", "ended by the peer within a message"]);
    assert.equal(logger.of("ended")[0]?.["whole"], false);
  });

  it("causes no warning when it has sent nothing", async (t) => {
    const { connect, sessionClosed } = await startFixture(t);
    const peer = await connect();
    peer.socket.end();
    await peer.closed;
    assert.equal((await sessionClosed())["result"], "success");
  });

  it("makes the session release everything when it is suddenly gone", async (t) => {
    const { greet, sessionClosed, logger, central } = await startFixture(t);
    const peer = await greet();
    peer.write("DONE 1\n");
    await peer.line();
    peer.socket.resetAndDestroy();
    const { result, reason } = await sessionClosed();
    assert.equal(result, "fail");
    assert.match(String(reason), /^lost: ECONNRESET/);
    await logger.waitFor(({ action }) => action === "gave_up");
    assert.equal(logger.of("released").length, 1);
    assert.equal(central.connections, 0);
  });
});

describe("central: a store that is full", () => {
  it("makes sessions wait, loses nothing and limits what is pending", async (t) => {
    const roomBytes = 2000;
    const { greet, store } = await startFixture(t, { store: { roomBytes } });
    const batches = 200;
    store.hold();
    const peers = await Promise.all([1, 2, 3].map(greet));
    for (const [index, peer] of peers.entries()) {
      const agency = index + 1;
      for (let sequence = 1; sequence <= batches; sequence++) {
        peer.write(batchOf(agency, sequence, [bet(agency, "100")]));
      }
    }
    await until(() => store.congested);
    await turns(50);
    const held = store.pendingBytes;
    assert.equal(store.batches.length, 0);
    store.release();
    for (const peer of peers) {
      const answers = await peer.lines(batches);
      assert.deepEqual(
        answers,
        Array.from({ length: batches }, (_, index) => `SETTLED ${index + 1} stored`),
      );
    }
    assert.equal(store.batches.length, 3 * batches);
    // Only the batch that fills the room may go beyond it.
    const batchBytes = store.batches[0]?.lines.length ?? 0;
    assert.ok(held > roomBytes && store.pendingBytesMost <= roomBytes + batchBytes);
  });

  it("makes the session stop reading, so what a peer sends meanwhile stays with the peer", async (t) => {
    const { greet, store, central } = await startFixture(t, { store: { roomBytes: 0 } });
    store.hold();
    const peer = await greet();
    peer.write(batchOf(1, 1, [bet(1, "100")]));
    await until(() => store.congested);
    const batch = batchOf(
      1,
      2,
      Array.from({ length: 100 }, () => bet(1, "200")),
    );
    const flood = Buffer.concat(Array.from({ length: 200 }, () => batch));
    // More than the network itself keeps for a connection.
    const bytesMax = 100 * flood.length;
    assert.ok((await writeUntilStuck(peer.socket, flood, bytesMax)) < bytesMax);
    assert.equal(store.pendingBytesMost, encodeLines([bet(1, "100")]).length);
    peer.socket.destroy();
    store.release();
    await until(() => central.connections === 0);
  });

  it("does not blame the peer for the wait", async (t) => {
    const { greet, store, clock } = await startFixture(t, { store: { roomBytes: 0 } });
    store.hold();
    const peer = await greet();
    peer.write(batchOf(1, 1, [bet(1, "100")]));
    peer.write("PING a\n");
    await until(() => store.congested);
    clock.advance(3_600_000);
    store.release();
    assert.deepEqual(await peer.lines(2), ["SETTLED 1 stored", "PONG a"]);
  });

  it("answers a peer that has ended its side while it had to wait", async (t) => {
    const { greet, store } = await startFixture(t, { store: { roomBytes: 0 } });
    store.hold();
    const peer = await greet();
    for (const sequence of [1, 2, 3]) peer.write(batchOf(1, sequence, [bet(1, "100")]));
    peer.socket.end();
    await until(() => store.congested);
    store.release();
    assert.deepEqual(await peer.lines(3), [
      "SETTLED 1 stored",
      "SETTLED 2 stored",
      "SETTLED 3 stored",
    ]);
    await peer.closed;
  });
});

/** What throws in a dialect, and what calls it if the first bytes do not. `whenDrained` means its callback. */
const PARTS: readonly (readonly [string, ((peer: TestPeer, clock: FakeClock) => void)?])[] = [
  ["serve"],
  ["feed"],
  ["stirred"],
  ["quiet"],
  ["ended", (peer) => peer.socket.end()],
  ["closed", (peer) => peer.socket.end()],
  ["whenDrained"],
  ["overdue", (_, clock) => clock.advance(11_000)],
];

describe("central: a dialect with a bug", () => {
  it("ends its session, but not the central", async (t) => {
    const { greet, logger, sessionClosed } = await startFixture(t);
    const [bad, good] = [await greet(), await greet()];
    bad.write("BOOM\n");
    await bad.ended;
    assert.equal((await sessionClosed())["reason"], "internal error");
    assert.deepEqual(logger.of("serve"), [
      {
        action: "serve",
        result: "fail",
        ip: "127.0.0.1",
        dialect: "lines",
        error: "RangeError: Cannot obey BOOM",
      },
    ]);
    good.write("PING a\n");
    assert.equal(await good.line(), "PONG a");
  });

  for (const [part, provoke] of PARTS) {
    it(`ends its session, but not the central, when the error is in its ${part}`, async (t) => {
      const { greet, clock, logger, hasRead, sessionClosed } = await startFixture(t, {
        dialects: [breakingOnceIn(part)],
      });
      const bad = await greet();
      if (provoke !== undefined) await hasRead("LINES\n".length);
      provoke?.(bad, clock);
      await bad.ended;
      assert.equal((await sessionClosed())["reason"], "internal error");
      assert.deepEqual(
        logger.of("serve").map((line) => [line["dialect"], line["error"]]),
        [["lines", `RangeError: Cannot go on in ${part}`]],
      );
      const good = await greet();
      good.write("PING a\n");
      assert.equal(await good.line(), "PONG a");
    });
  }
});

describe("central: several dialects", () => {
  it("are served on the same port, recognised by their first bytes", async (t) => {
    const shout: Dialect = {
      name: "shout",
      recognise: (head) => (head[0] === 0x21 ? "yes" : "no"),
      serve: ({ peer }) => ({
        decoder: letterDecoder(),
        waitsFor: "message",
        occupied: false,
        take: (letter) => peer.send(Buffer.from(String(letter).toUpperCase())),
        violated: () => undefined,
        ended: () => undefined,
        stopping: () => undefined,
        closed: () => undefined,
      }),
    };
    const { connect, greet } = await startFixture(t, { dialects: [linesDialect, shout] });
    const shouting = await connect();
    shouting.write("!hey\n");
    assert.equal(await shouting.line(), "!HEY");
    const plain = await greet();
    plain.write("PING a\n");
    assert.equal(await plain.line(), "PONG a");
  });
});

/** A dialect that throws in one of its functions, on its first connection. */
function breakingOnceIn(part: string): Dialect {
  const fault = (): never => {
    throw new RangeError(`Cannot go on in ${part}`);
  };
  let broken = false;
  return {
    ...linesDialect,
    serve(context) {
      if (!broken && part === "serve") {
        broken = true;
        fault();
      }
      const conversation = linesDialect.serve(context);
      if (!broken && part === "whenDrained") context.peer.whenDrained(fault);
      else if (!broken) {
        Object.assign(part === "feed" ? conversation.decoder : conversation, { [part]: fault });
      }
      broken = true;
      return conversation;
    },
  };
}
