import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { type CentralOptions, startCentral } from "../../src/central/central.ts";
import { type Listen, plainAddress } from "../../src/central/listener.ts";
import type { AgencyId } from "../../src/lottery/bet.ts";
import { writtenLines } from "../support/memory-logger.ts";
import { FakeClock } from "../support/fake-clock.ts";
import { linesDialect } from "./lines-dialect.ts";
import { startFixture, testLimits } from "./fixture.ts";
import { type MemoryStore, memoryStore } from "../stores/memory-store.ts";
import { PlayedConnection } from "./played-connection.ts";

function start(
  bindAddress: string,
  port: number,
  store: MemoryStore = memoryStore(),
  options: Partial<CentralOptions> = {},
) {
  const clock = new FakeClock();
  const started = startCentral({
    config: { bindAddress, port, listenBacklog: 5, drawMarginMs: 0, limits: testLimits },
    store,
    dialects: [linesDialect],
    clock,
    ...options,
  });
  return { started, store, clock };
}

describe("central: start", () => {
  it("listens at the given address and logs it", async (t) => {
    const { central, logger } = await startFixture(t);
    assert.equal(central.address.address, "127.0.0.1");
    assert.ok(central.address.port > 0);
    assert.deepEqual(writtenLines(logger), [
      "INFO     action: accept_connections | result: in_progress",
      `INFO     action: start | result: success | address: 127.0.0.1:${central.address.port} | draw: 1 | state: open | agencies: 5 | done: 0 | with_bets: 0 | bets: 0 | waiting_for: 1, 2, 3, 4, 5`,
    ]);
  });

  it("reports that a port is in use, and leaves nothing behind", async (t) => {
    const { port } = await startFixture(t);
    const { started, store, clock } = start("127.0.0.1", port);
    await assert.rejects(started, {
      code: "ADDRESS_IN_USE",
      message: `Cannot listen on 127.0.0.1:${port}: another program listens there; stop it or choose another port`,
    });
    assert.ok(store.closed);
    assert.equal(clock.timers, 0);
  });

  it("reports that an address is not one of this machine", async () => {
    // This address is reserved for documentation: no machine has it.
    await assert.rejects(start("203.0.113.1", 0).started, {
      code: "ADDRESS_UNAVAILABLE",
      message:
        "Cannot listen on 203.0.113.1:0: this machine has no such address; choose one it has, or 0.0.0.0 for all",
    });
  });

  it("leaves no connection open that arrived during its stop", async () => {
    const stop = new AbortController();
    const connection = new PlayedConnection();
    const listen: Listen = ({ onConnection }) => {
      onConnection(connection, "127.0.0.1");
      stop.abort(new Error("told to stop"));
      return Promise.resolve({
        address: { address: "127.0.0.1", port: 1 },
        close: () => undefined,
      });
    };
    const { started, clock } = start("127.0.0.1", 0, memoryStore(), {
      listen,
      signal: stop.signal,
    });
    await assert.rejects(started, { message: "told to stop" });
    assert.ok(connection.destroyed);
    assert.equal(clock.timers, 0);
  });

  it("performs the draw that a crash left sealed, before it listens", async (t) => {
    const memory = memoryStore({ agencies: 1 });
    await memory.done(1 as AgencyId);
    const { store, logger, greet } = await startFixture(t, { memory });
    assert.equal(store.draws, 1);
    assert.deepEqual(
      logger.events.map(({ event }) => event.action),
      ["sorteo", "draw_summary", "accept_connections", "start"],
    );
    const peer = await greet();
    peer.write("ASK 1\n");
    assert.equal(await peer.line(), "RESULTS ");
  });

  it("does not start on a store that has failed", async () => {
    const store = memoryStore({ agencies: 1 });
    await store.done(1 as AgencyId);
    store.fail();
    await assert.rejects(start("127.0.0.1", 0, store).started, { code: "STORE_FAILED" });
    assert.ok(store.closed);
  });
});

describe("plainAddress", () => {
  it("shows IPv4 as such and leaves IPv6 alone", () => {
    assert.equal(plainAddress("::ffff:172.25.125.3"), "172.25.125.3");
    assert.equal(plainAddress("172.25.125.3"), "172.25.125.3");
    assert.equal(plainAddress("::ffff:0:1"), "::ffff:0:1");
    assert.equal(plainAddress("::1"), "::1");
  });
});
