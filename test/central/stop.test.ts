import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { Dialect } from "../../src/protocols/dialect.ts";
import { type Fixture, startFixture } from "./fixture.ts";
import { letterDecoder } from "../support/letters.ts";
import { batchOf, bet, connectPeer, type TestPeer } from "./line-peer.ts";
import { turns, until } from "../support/turns.ts";

/** Ends its side when the central does, as most clients do. */
function polite(peer: TestPeer): TestPeer {
  peer.socket.on("end", () => peer.socket.end());
  return peer;
}

/** The last events of the log, by action, without those of sessions. */
function actions({ logger }: Fixture): string[] {
  return logger.events
    .map(({ event }) => event.action)
    .filter((action) => /^(close_listener|apuesta_recibida|close_store|stop)$/.test(action));
}

describe("central: stop", () => {
  it("comes to its end even if a conversation throws", async (t) => {
    const goodbyes: string[] = [];
    const conversation = {
      decoder: letterDecoder(),
      waitsFor: "message",
      occupied: false,
      take(): void {},
      violated(): void {},
      ended(): void {},
      stopping(): void {
        goodbyes.push("stopping");
        throw new Error("a mistake in a dialect");
      },
      closed(): void {
        goodbyes.push("closed");
        throw new Error("another one");
      },
    } as const;
    const dialect: Dialect = { name: "faulty", recognise: () => "yes", serve: () => conversation };
    const { central, logger, connect } = await startFixture(t, { dialects: [dialect] });
    const peers = [await connect(), await connect()];
    for (const peer of peers) peer.write("hello");
    await until(() => central.connections === 2);
    await turns(5);
    await central.stop("SIGTERM");
    assert.deepEqual(await central.stopped, { reason: "stopped" });
    assert.deepEqual(goodbyes.toSorted(), ["closed", "closed", "stopping", "stopping"]);
    assert.match(String(logger.of("serve")[0]?.["error"]), /a mistake in a dialect/);
  });

  it("answers what was submitted, tells peers that it stops, and closes everything in order", async (t) => {
    const fixture = await startFixture(t);
    const { central, store, logger, clock, connect, greet } = fixture;
    const stranger = polite(await connect());
    const idle = polite(await greet());
    idle.write("PING a\n");
    await idle.line();
    const partial = polite(await greet());
    partial.write("PING a\nPIN");
    await partial.line();
    const waiting = polite(await greet());
    waiting.write("DONE 2\n");
    await waiting.line();
    const betting = polite(await greet());
    store.hold();
    betting.write(batchOf(1, 1, [bet(1, "100")]));
    await until(() => store.pendingBytes > 0);
    const finishing = polite(await greet());
    finishing.write("DONE 3\nPING a\n");
    await finishing.line();

    const stop = central.stop("SIGTERM");
    assert.deepEqual(actions(fixture), ["close_listener"]);
    store.release();
    await stop;
    assert.deepEqual(await central.stopped, { reason: "stopped" });

    assert.deepEqual(await betting.lines(2), ["SETTLED 1 stored", "STOPPING"]);
    assert.deepEqual(await finishing.lines(2), ["DONE done", "STOPPING"]);
    for (const peer of [idle, partial, waiting]) assert.equal(await peer.line(), "STOPPING");
    for (const peer of [stranger, idle, partial, waiting, betting, finishing]) await peer.closed;
    assert.equal(stranger.unread, "");
    assert.deepEqual(actions(fixture), [
      "close_listener",
      "apuesta_recibida",
      "close_store",
      "stop",
    ]);
    const closings = logger.of("close_session").map(({ result, reason }) => `${result}: ${reason}`);
    assert.deepEqual(closings, Array(6).fill("success: central stopping"));
    assert.equal(logger.of("released").length, 5);
    assert.ok(store.closed);
    assert.equal(clock.timers, 0);
  });

  it("accepts no connection from its first moment", async (t) => {
    const { central, port, greet } = await startFixture(t);
    const open = await greet();
    const stop = central.stop("SIGTERM");
    await assert.rejects(connectPeer(port), { code: "ECONNREFUSED" });
    open.socket.destroy();
    await stop;
  });

  it("takes no batch from its first moment, so a batch that is not submitted gets no answer", async (t) => {
    const { central, store, greet } = await startFixture(t, { store: { roomBytes: 0 } });
    store.hold();
    const peer = polite(await greet());
    for (const sequence of [1, 2, 3]) peer.write(batchOf(1, sequence, [bet(1, "100")]));
    await until(() => store.congested);
    const stop = central.stop("SIGTERM");
    store.release();
    await stop;
    assert.deepEqual(await peer.lines(2), ["SETTLED 1 stored", "STOPPING"]);
    await peer.closed;
    assert.equal(peer.unread, "");
    assert.equal(store.batches.length, 1);
  });

  it("happens once, however often it is asked for", async (t) => {
    const { central, logger } = await startFixture(t);
    const stop = central.stop("SIGTERM");
    assert.equal(central.stop("SIGINT"), stop);
    await stop;
    await central.stop("again");
    central.fail(new Error("too late"));
    assert.deepEqual(logger.of("stop"), [{ action: "stop", result: "success", reason: "SIGTERM" }]);
    assert.deepEqual(await central.stopped, { reason: "stopped" });
  });

  it("ends by itself with 1,000 open connections that end theirs", async (t) => {
    const fixture = await startFixture(t);
    const { central, logger } = fixture;
    const peers = (await connectMany(fixture, 1000)).map(polite);
    // Time stands still, so nothing here may need the end of the grace.
    await central.stop("SIGTERM");
    for (const peer of peers) assert.equal(await peer.line(), "STOPPING");
    assert.equal(logger.of("close_session").length, 1000);
    assert.equal(actions(fixture).at(-1), "stop");
  });

  it("cuts 1,000 connections that stay open, once the grace is over", async (t) => {
    const fixture = await startFixture(t);
    const { central, logger, clock } = fixture;
    const peers = await connectMany(fixture, 1000);
    const stop = central.stop("SIGTERM");
    for (const peer of peers) assert.equal(await peer.line(), "STOPPING");
    clock.advance(499);
    await turns(10);
    assert.equal(central.connections, 1000);
    clock.advance(1);
    await stop;
    assert.equal(central.connections, 0);
    assert.equal(logger.of("close_session").length, 1000);
    assert.equal(clock.timers, 0);
  });

  it("does not wait longer than the grace for a store that does not settle", async (t) => {
    const { central, store, clock, greet } = await startFixture(t);
    store.hold();
    const peer = polite(await greet());
    peer.write(batchOf(1, 1, [bet(1, "100")]));
    await until(() => store.pendingBytes > 0);
    const stop = central.stop("SIGTERM");
    clock.advance(500);
    await stop;
    await peer.closed;
    // Closing the store made it durable. This is too late for an answer, but does no harm.
    assert.equal(peer.unread, "STOPPING\n");
    assert.equal(store.batches.length, 1);
  });

  it("does not wait longer than three graces for a store that does not close", async (t) => {
    const { central, store, clock, logger } = await startFixture(t);
    store.spoilClose("hang");
    const stop = central.stop("SIGTERM");
    await until(() => store.closed);
    clock.advance(1500);
    await stop;
    assert.deepEqual(logger.of("close_store"), [
      { action: "close_store", result: "fail", error: "not within 1500 ms" },
    ]);
    assert.deepEqual(await central.stopped, { reason: "stopped" });
  });

  it("uses what connections leave of three graces for the files of the draw", async (t) => {
    for (const [usedMs, publishWithinMs] of [
      [0, 1200],
      [300, 960],
      [500, 800],
    ] as const) {
      const { central, store, clock, greet } = await startFixture(t);
      polite(await greet());
      const stop = central.stop("SIGTERM");
      clock.advance(usedMs);
      await stop;
      assert.equal(store.publishWithinMs, publishWithinMs, `after ${usedMs} ms`);
    }
  });

  it("is a failure when the store fails to close", async (t) => {
    const { central, store, logger } = await startFixture(t);
    store.spoilClose("reject");
    await central.stop("SIGTERM");
    const stopped = await central.stopped;
    assert.equal(stopped.reason, "failed");
    assert.deepEqual(
      logger.of("stop").map(({ result }) => result),
      ["fail"],
    );
  });
});

/** Peers that have been served, in groups that fit into a backlog. */
async function connectMany({ greet }: Fixture, count: number): Promise<TestPeer[]> {
  const peers: TestPeer[] = [];
  while (peers.length < count) {
    const bunch = await Promise.all(Array.from({ length: 100 }, greet));
    for (const peer of bunch) peer.write("PING a\n");
    for (const peer of bunch) assert.equal(await peer.line(), "PONG a");
    peers.push(...bunch);
  }
  return peers;
}
