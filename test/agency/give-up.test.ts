import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer, type Socket } from "node:net";
import { it } from "node:test";
import { connectTo } from "../../src/agency/connect.ts";
import { createNativeDialer } from "../../src/protocols/dialects/native/dial.ts";
import { dialContext } from "../protocols/dial-context.ts";
import { FakeClock } from "../support/fake-clock.ts";

it("a connection that is given up is reset, so that its unsent bytes are never sent", async () => {
  const server = createServer({ pauseOnConnect: true }).listen(0, "127.0.0.1");
  await once(server, "listening");
  try {
    const address = server.address();
    assert.ok(typeof address === "object" && address !== null);
    const clock = new FakeClock();
    const dialer = createNativeDialer((callback, delayMs) => clock.after(delayMs, callback));
    const connect = connectTo({ host: "127.0.0.1", port: address.port, timeoutMs: 60_000 });
    const accepted = once(server, "connection");
    const dialled = dialer.dial(dialContext(connect));
    const [central] = (await accepted) as [Socket];
    const broken = once(central, "error");
    central.once("data", () => clock.advance(60_000)).resume();
    await assert.rejects(dialled, { code: "CONNECTION_LOST", greetingLeft: true });
    const [error] = (await broken) as [Error & { code?: string }];
    assert.equal(error.code, "ECONNRESET");
  } finally {
    server.close();
  }
});
