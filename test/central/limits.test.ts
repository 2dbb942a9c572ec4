import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { LINGER_MS } from "../../src/central/deadline.ts";
import { batchOf, bet, betOf } from "./line-peer.ts";
import { type Fixture, startFixture } from "./fixture.ts";
import { turns, writeUntilStuck } from "../support/turns.ts";

const MAGIC_BYTES = "LINES\n".length;

describe("central: deadlines", () => {
  it("ends a connection whose first message does not come", async (t) => {
    const { connect, clock, sessionClosed, logger } = await startFixture(t);
    const peer = await connect();
    await logger.waitFor(({ ip }) => ip !== undefined);
    clock.advance(9999);
    assert.deepEqual(logger.of("close_session"), []);
    clock.advance(1000);
    await peer.ended;
    assert.deepEqual(await sessionClosed(), {
      action: "close_session",
      result: "fail",
      ip: "127.0.0.1",
      reason: "no first message within 10000 ms",
    });
  });

  it("counts the first message from the connect, even if its bytes come one by one", async (t) => {
    const { greet, clock, sessionClosed, hasRead } = await startFixture(t);
    const peer = await greet();
    await hasRead(MAGIC_BYTES);
    for (let dripped = 1; dripped <= 4; dripped++) {
      clock.advance(2000);
      peer.write("P");
      await hasRead(MAGIC_BYTES + dripped);
    }
    clock.advance(2000);
    await peer.ended;
    assert.equal((await sessionClosed())["reason"], "no first message within 10000 ms");
  });

  it("ends a connection whose message comes byte by byte, however steadily", async (t) => {
    const { greet, clock, sessionClosed, hasRead, logger } = await startFixture(t);
    const peer = await greet();
    peer.write("PING a\n");
    assert.equal(await peer.line(), "PONG a");
    let read = MAGIC_BYTES + "PING a\n".length;
    for (let dripped = 0; dripped < 29; dripped++) {
      peer.write("P");
      read++;
      await hasRead(read);
      clock.advance(1000);
    }
    assert.deepEqual(logger.of("close_session"), []);
    clock.advance(2000);
    await peer.ended;
    assert.equal((await sessionClosed())["reason"], "message not complete within 30000 ms");
  });

  it("gives every message its own deadline", async (t) => {
    const { greet, clock, hasRead, logger } = await startFixture(t);
    const peer = await greet();
    let read = MAGIC_BYTES;
    for (let message = 0; message < 5; message++) {
      peer.write("PING a\nPI");
      read += "PING a\nPI".length;
      await hasRead(read);
      clock.advance(20_000);
      peer.write("NG b\n");
      read += "NG b\n".length;
      assert.deepEqual(await peer.lines(2), ["PONG a", "PONG b"]);
      await hasRead(read);
    }
    assert.deepEqual(logger.of("close_session"), []);
  });

  it("ends an idle session", async (t) => {
    const { greet, clock, sessionClosed } = await startFixture(t);
    const peer = await greet();
    peer.write("PING a\n");
    await peer.line();
    clock.advance(301_000);
    await peer.ended;
    assert.equal((await sessionClosed())["reason"], "no message within 300000 ms");
  });

  it("does not end connections that wait for the draw", async (t) => {
    const { greet, clock, logger } = await startFixture(t, { store: { agencies: 2 } });
    const [one, two] = [await greet(), await greet()];
    one.write("DONE 1\n");
    assert.equal(await one.line(), "DONE done");
    clock.advance(86_400_000);
    // The other one has done nothing all the time.
    await two.ended;
    const last = await greet();
    last.write("DONE 2\n");
    assert.deepEqual(await last.lines(2), ["DONE done", "DRAWN "]);
    assert.equal(await one.line(), "DRAWN ");
    assert.equal(logger.of("close_session").length, 1);
  });

  it("closes a connection that the peer does not close after the central's end", async (t) => {
    const { greet, clock, sessionClosed } = await startFixture(t);
    const peer = await greet();
    peer.write("BYE\n");
    await peer.ended;
    clock.advance(1000);
    clock.advance(LINGER_MS);
    assert.deepEqual(await sessionClosed(), {
      action: "close_session",
      result: "success",
      ip: "127.0.0.1",
      dialect: "lines",
      reason: "ended by the central",
    });
  });
});

describe("central: sizes", () => {
  it("ends a session at a message over the limit, after the dialect's answer", async (t) => {
    const { greet } = await startFixture(t, { limits: { frameBytesMax: 2048 } });
    const peer = await greet();
    peer.write(`BATCH 1 1 1 4000000000\n`);
    assert.equal(await peer.line(), "ERROR FRAME_TOO_LARGE");
    await peer.ended;
    peer.socket.end();
    await peer.closed;
  });

  it("drops what a peer sends after its session was ended", async (t) => {
    const { greet, sessionClosed, store } = await startFixture(t);
    const peer = await greet();
    peer.write("BYE\n");
    peer.write(batchOf(1, 1, [bet(1, "100")]));
    await peer.ended;
    peer.write(batchOf(1, 1, [bet(1, "100")]));
    peer.socket.end();
    await sessionClosed();
    assert.deepEqual(store.batches, []);
  });

  it("cuts a peer that never reads when its answers exceed the cap", async (t) => {
    const { greet, sessionClosed } = await startFixture(t, {
      limits: { peerBufferBytesMax: 100_000 },
    });
    const peer = await greet();
    peer.socket.pause();
    peer.write("FLOOD 50000 1000\n");
    const { result, reason } = await sessionClosed();
    assert.equal(result, "fail");
    assert.match(String(reason), /^not reading: 1\d{5} bytes wait, max is 100000$/);
  });

  it("sends an answer of any size to a peer that reads, a part at a time", async (t) => {
    const { greet, central } = await startFixture(t, { limits: { peerBufferBytesMax: 100_000 } });
    const peer = await greet();
    peer.write("PACED 50000 40\n");
    assert.equal((await peer.line()).length, 40 * 50_000 + "FLOODED".length);
    assert.equal(central.connections, 1);
  });

  it("ends a session whose answers are not taken, even if they are below the cap", async (t) => {
    const fixture = await startFixture(t);
    const { greet, sessionClosed } = fixture;
    const peer = await greet();
    peer.socket.pause();
    peer.write("PACED 50000 1000000\n");
    await tickUntilClosed(fixture);
    assert.equal((await sessionClosed())["reason"], "answers not taken within 30000 ms");
  });

  it("stops reading from a peer that sends and never reads", async (t) => {
    const fixture = await startFixture(t);
    const { greet, sessionClosed } = fixture;
    const peer = await greet();
    peer.socket.pause();
    const pings = Buffer.from(`PING ${"x".repeat(1000)}\n`.repeat(1000));
    const taken = await writeUntilStuck(peer.socket, pings, 200_000_000);
    assert.ok(taken < 200_000_000);
    await tickUntilClosed(fixture);
    assert.equal((await sessionClosed())["reason"], "answers not taken within 30000 ms");
  });
});

describe("central: connections", () => {
  it("refuses connections over the limit, and admits again once there is room", async (t) => {
    const { connect, logger, sessionClosed } = await startFixture(t, {
      limits: { connectionsMax: 2 },
    });
    const [first] = [await connect(), await connect()];
    const third = await connect();
    await third.ended;
    assert.deepEqual(logger.of("refuse_connection"), [
      {
        action: "refuse_connection",
        result: "fail",
        ip: "127.0.0.1",
        reason: "2 connections, max 2",
      },
    ]);
    first?.socket.end();
    await sessionClosed();
    await connect();
    await logger.waitFor(() => logger.of("accept_connections").length === 7);
  });

  it("refuses connections over the limit of their address only", async (t) => {
    const { connect, logger } = await startFixture(t, { limits: { connectionsPerAddressMax: 1 } });
    await connect();
    await connect({ localAddress: "127.0.0.2" });
    await (await connect({ localAddress: "127.0.0.2" })).ended;
    const [refused, ...others] = logger.of("refuse_connection");
    assert.equal(refused?.["ip"], "127.0.0.2");
    assert.equal(refused?.["reason"], "1 connection from this address, max 1");
    assert.deepEqual(others, []);
  });

  it("ends a connection that speaks no dialect, and shows its first bytes", async (t) => {
    const { connect, logger, sessionClosed } = await startFixture(t);
    const peer = await connect();
    peer.write("GET / HTTP/1.1\r\nHost: central.example\r\n\r\n");
    await peer.ended;
    peer.socket.end();
    assert.deepEqual(logger.of("recognise_protocol"), [
      {
        action: "recognise_protocol",
        result: "fail",
        ip: "127.0.0.1",
        error: "UNKNOWN_PROTOCOL",
        bytes: Buffer.from("GET / HTTP/1.1\r\nHost: central.ex").toString("hex"),
      },
    ]);
    assert.equal((await sessionClosed())["reason"], "unknown protocol");
    assert.equal(peer.unread, "");
  });

  it("takes an incomplete beginning for no dialect when the peer has ended", async (t) => {
    const { connect, logger, sessionClosed } = await startFixture(t);
    const peer = await connect();
    peer.socket.end("LIN");
    assert.equal((await sessionClosed())["reason"], "unknown protocol");
    assert.equal(logger.of("recognise_protocol")[0]?.["bytes"], "4c494e");
  });

  it("recognises a dialect whose first bytes come one by one", async (t) => {
    const { connect } = await startFixture(t);
    const peer = await connect();
    peer.socket.setNoDelay(true);
    for (const byte of "LINES\nPING a\n") peer.write(byte);
    assert.equal(await peer.line(), "PONG a");
    peer.write(betOf(1, bet(1, "100")));
    assert.equal(await peer.line(), "SETTLED 1 stored");
  });
});

/** Lets time pass step by step, and gives the network a turn in between, which it may need. */
async function tickUntilClosed({ clock, central }: Fixture): Promise<void> {
  while (central.connections > 0) {
    clock.advance(1000);
    await turns(20);
  }
}
