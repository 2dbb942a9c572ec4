import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { batchOf, bet } from "./line-peer.ts";
import { startFixture } from "./fixture.ts";
import { until } from "../support/turns.ts";

const FLOOD = "PING x\n".repeat(100_000);

describe("P9: one hostile peer", () => {
  it("does not delay the answers of other peers with thousands of messages in each chunk", async (t) => {
    const { greet } = await startFixture(t, { limits: { peerBufferBytesMax: 100 << 20 } });
    const hostile = await Promise.all(Array.from({ length: 8 }, () => greet()));
    const answers = hostile.map(() => 0);
    for (const [index, peer] of hostile.entries()) {
      peer.socket.on("data", (chunk) => {
        answers[index] = (answers[index] ?? 0) + chunk.length / "PONG x\n".length;
      });
      peer.write(FLOOD);
    }
    await until(() => answers.every((count) => count > 0));
    const honest = await greet();
    honest.write("HELLO 1 -\n");
    assert.equal(await honest.line(), "WELCOME 1 1 open");
    for (let sequence = 1; sequence <= 10; sequence++) {
      honest.write(batchOf(1, sequence, [bet(1, String(sequence))]));
      assert.equal(await honest.line(), `SETTLED ${sequence} stored`);
    }
    const most = Math.max(...answers);
    assert.ok(most < 100_000, `a flood of 100000 was answered to ${most} before ten batches`);
  });

  it("is ended when too many of its messages were refused, after the last one was answered", async (t) => {
    const { greet, sessionClosed } = await startFixture(t, { limits: { refusedMax: 3 } });
    const peer = await greet();
    for (let sequence = 1; sequence <= 3; sequence++) {
      peer.write(batchOf(1, 1, [bet(1, "no number")]));
      assert.equal(await peer.line(), "SETTLED 1 invalid");
    }
    await peer.ended;
    peer.socket.end();
    const { result, reason, agency } = await sessionClosed();
    assert.deepEqual([result, reason, agency], ["fail", "too many messages refused, max is 3", 1]);
  });

  it("is never ended for refused messages if there is no limit", async (t) => {
    const { greet } = await startFixture(t, { limits: { refusedMax: 0 } });
    const peer = await greet();
    for (let round = 0; round < 50; round++) {
      peer.write(batchOf(1, 1, [bet(1, "no number")]));
      assert.equal(await peer.line(), "SETTLED 1 invalid");
    }
  });

  it("loses its place when it waits too often for the draw and has ended its side", async (t) => {
    const { greet, central, logger } = await startFixture(t, {
      store: { agencies: 2 },
      limits: { connectionsMax: 20, halfClosedPerAgencyMax: 2 },
    });
    for (let ghost = 0; ghost < 100; ghost++) {
      const peer = await greet();
      peer.write("DONE 1\n");
      assert.equal(await peer.line(), "DONE done");
      peer.socket.end();
    }
    await until(() => central.connections <= 2);
    const honest = await greet();
    honest.write("DONE 2\n");
    assert.deepEqual(await honest.lines(2), ["DONE done", "DRAWN "]);
    assert.deepEqual(logger.of("refuse_connection"), []);
  });

  it("may ask again while it waits: the newest of its questions is answered", async (t) => {
    const { greet, central } = await startFixture(t, {
      store: { agencies: 2 },
      limits: { waitingPerAgencyMax: 3 },
    });
    const peers = [];
    for (let count = 0; count < 6; count++) {
      const peer = await greet();
      peer.write("DONE 1\n");
      assert.equal(await peer.line(), "DONE done");
      peers.push(peer);
    }
    await until(() => central.connections === 3);
    const other = await greet();
    other.write("DONE 2\n");
    for (const peer of peers.slice(3)) assert.equal(await peer.line(), "DRAWN ");
  });

  it("loses its place at once when it resets the connection while it waits", async (t) => {
    const { greet, central } = await startFixture(t, { store: { agencies: 2 } });
    const peer = await greet();
    peer.write("DONE 1\n");
    assert.equal(await peer.line(), "DONE done");
    peer.socket.resetAndDestroy();
    await until(() => central.connections === 0);
  });

  for (const way of ["end", "resetAndDestroy"] as const) {
    it(`causes no warning when it only checks whether the port is open: ${way}`, async (t) => {
      const { connect, logger, sessionClosed } = await startFixture(t);
      const peer = await connect();
      peer.socket[way]();
      await sessionClosed();
      const levels = logger.events
        .filter(({ event }) => event.action === "close_session")
        .map(({ level }) => level);
      assert.deepEqual(levels, ["debug"]);
    });
  }

  it("causes one line when it speaks no protocol", async (t) => {
    const { connect, logger, sessionClosed } = await startFixture(t);
    const peer = await connect();
    peer.socket.end("GET / HTTP/1.1\r\n\r\n");
    await sessionClosed();
    const warnings = logger.events.filter(({ level }) => level === "warning");
    assert.deepEqual(
      warnings.map(({ event }) => event.action),
      ["recognise_protocol"],
    );
  });
});
