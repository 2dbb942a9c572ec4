import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer } from "node:net";
import { describe, it } from "node:test";
import { connectTo } from "../../src/agency/connect.ts";
import { LinkError } from "../../src/protocols/agency-link.ts";

const never = new AbortController().signal;

async function refusalOf(connecting: Promise<unknown>): Promise<LinkError> {
  const error = await connecting.then(
    () => assert.fail("it connected"),
    (reason: unknown) => reason,
  );
  assert.ok(error instanceof LinkError);
  assert.equal(error.code, "CONNECT_FAILED");
  assert.ok(error.transient);
  return error;
}

/** A port on which nothing listens: one that was just closed. */
async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  server.close();
  await once(server, "close");
  return typeof address === "object" && address !== null ? address.port : 0;
}

describe("connecting", () => {
  it("opens a connection by name or by address", async () => {
    const server = createServer((socket) => socket.resume().end()).listen(0, "127.0.0.1");
    await once(server, "listening");
    const address = server.address();
    assert.ok(typeof address === "object" && address !== null);
    for (const host of ["127.0.0.1", "localhost"]) {
      const connection = await connectTo({ host, port: address.port, timeoutMs: 5000 })(never);
      connection.resume().end();
      await once(connection, "close");
      assert.equal(connection.listenerCount("error"), 0, "the connection is the caller's");
    }
    server.close();
    await once(server, "close");
  });

  it("reports that nothing listens at the address, and what to do", async () => {
    const port = await freePort();
    const error = await refusalOf(connectTo({ host: "127.0.0.1", port, timeoutMs: 5000 })(never));
    assert.equal(
      error.message,
      `Cannot connect to 127.0.0.1:${port}: nothing listens there (ECONNREFUSED); check that the central runs and that server.address is its address`,
    );
    const byName = await refusalOf(connectTo({ host: "localhost", port, timeoutMs: 5000 })(never));
    assert.match(byName.message, /^Cannot connect to localhost:\d+: nothing listens there/);
  });

  it("gives up after a while", async () => {
    // 192.0.2.0/24 is reserved for documentation: nothing answers, or the network refuses at once.
    const connect = connectTo({ host: "192.0.2.1", port: 9, timeoutMs: 20 });
    const error = await refusalOf(connect(never));
    assert.match(error.message, /^Cannot connect to 192\.0\.2\.1:9: /);
  });

  it("stops when it is told to", async () => {
    const stop = new AbortController();
    const connecting = connectTo({ host: "192.0.2.1", port: 9, timeoutMs: 60_000 })(stop.signal);
    stop.abort(new Error("stop"));
    await assert.rejects(connecting, { message: "stop" });
    const again = connectTo({ host: "192.0.2.1", port: 9, timeoutMs: 60_000 })(stop.signal);
    await assert.rejects(again, { message: "stop" });
  });
});
