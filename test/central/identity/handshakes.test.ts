import assert from "node:assert/strict";
import { once } from "node:events";
import { createConnection, type Socket } from "node:net";
import { describe, it, type TestContext } from "node:test";
import { newToken, storedKeyOf } from "../../../src/identity/token.ts";
import { FakeClock } from "../../support/fake-clock.ts";
import { TestIdentity } from "../../support/identity-files.ts";
import { until } from "../../support/turns.ts";
import { startGuarded } from "./fixture.ts";
import { bet } from "../line-peer.ts";
import { NativeTalk, talkByToken } from "./native-talk.ts";
import { playRush } from "./play-reloads.ts";

/** A connection that begins no handshake. */
function silent(t: TestContext, port: number): Socket & { over?: boolean } {
  const socket: Socket & { over?: boolean } = createConnection(port, "127.0.0.1");
  socket
    .on("error", () => undefined)
    .on("close", () => {
      socket.over = true;
    });
  socket.resume();
  t.after(() => socket.destroy());
  return socket;
}

describe("handshakes of a central over TLS", () => {
  it("have a deadline", async (t) => {
    const identity = await TestIdentity.make(t);
    const clock = new FakeClock(new Date());
    const { port, of, seen } = await startGuarded(t, identity, {
      clock,
      limits: { headerTimeoutMs: 5000 },
    });
    const socket = silent(t, port);
    await until(() => of("connection-accepted").length === 1);
    clock.advance(4999);
    assert.deepEqual(of("handshake-refused"), []);
    clock.advance(1);
    assert.equal((await seen("handshake-refused")).flaw, "too-slow");
    await until(() => socket.over === true);
  });

  it("are limited in number, and those that say nothing take no place from one that does", async (t) => {
    const identity = await TestIdentity.make(t);
    const issued = await identity.issueAgency(1);
    await identity.list({ agency: 1, certificates: [issued] });
    const { port, of, connect } = await startGuarded(t, identity, { handshakesMax: 3 });
    const sockets = [1, 2, 3].map(() => silent(t, port));
    await until(() => of("connection-accepted").length === 3);
    const talk = new NativeTalk(await connect({ issued }), 1);
    talk.hello();
    assert.equal(await talk.hears(), "WELCOME 1");
    assert.deepEqual(
      of("handshake-refused").map(({ flaw }) => flaw),
      ["too-many-handshakes"],
    );
    await until(() => sockets[0]?.over === true);
    assert.equal(sockets[1]?.over, undefined);
  });

  it("that are begun and reset again and again from one port leave no place taken", async (t) => {
    const identity = await TestIdentity.make(t);
    const issued = await identity.issueAgency(1);
    await identity.list({ agency: 1, certificates: [issued] });
    const { port, of, connect } = await startGuarded(t, identity, { handshakesMax: 3 });
    let localPort: number | undefined;
    for (let times = 1; times <= 30; times++) {
      const socket = createConnection({ host: "127.0.0.1", port, ...(localPort && { localPort }) });
      await once(socket, "connect");
      ({ localPort } = socket);
      socket.resetAndDestroy();
    }
    await until(() => of("handshake-refused").length >= of("connection-accepted").length);
    // As many as there are places: none of them is cut.
    const sockets = [1, 2, 3].map(() => silent(t, port));
    await until(() => of("connection-accepted").length === 33);
    const before = of("handshake-refused").filter(({ flaw }) => flaw === "too-many-handshakes");
    assert.deepEqual(before, []);
    const talk = new NativeTalk(await connect({ issued }), 1);
    talk.hello();
    assert.equal(await talk.hears(), "WELCOME 1");
    await until(() => sockets[0]?.over === true);
  });

  it("count until something is proven: peers without a certificate fill no more places", async (t) => {
    const identity = await TestIdentity.make(t);
    const token = newToken();
    await identity.list({ agency: 1, tokens: [storedKeyOf(token)] });
    const { of, connect } = await startGuarded(t, identity, { handshakesMax: 2 });
    const proven = await talkByToken(await connect(), token);
    const [first, second] = [await connect(), await connect()];
    await connect();
    await first.ended();
    assert.deepEqual(
      of("handshake-refused").map(({ flaw }) => flaw),
      ["too-many-handshakes"],
    );
    assert.equal(second.over, false);
    proven.batch(bet(1, "100"));
    assert.equal(await proven.hears(), "ACK 1");
  });

  it("and the proof after them have one deadline", async (t) => {
    const identity = await TestIdentity.make(t);
    const clock = new FakeClock(new Date());
    const limits = { headerTimeoutMs: 5000 };
    const { connect, seen } = await startGuarded(t, identity, { clock, limits });
    const peer = await connect();
    clock.advance(5000);
    await peer.ended();
    assert.equal((await seen("handshake-refused")).flaw, "too-slow");
  });

  it("that are under way end with the central", async (t) => {
    const identity = await TestIdentity.make(t);
    const { port, of, central } = await startGuarded(t, identity);
    const socket = silent(t, port);
    await until(() => of("connection-accepted").length === 1);
    await central.stop("enough");
    await until(() => socket.over === true);
  });

  it("of many agencies go on beside a load", async (t) => {
    await playRush(t, 40);
  });
});
