import type { TestContext } from "node:test";
import { type Central, startCentral } from "../../src/central/central.ts";
import type { CentralLimits } from "../../src/config/central-config.ts";
import { DEFAULT_LIMITS } from "../../src/limits.ts";
import type { LogEvent } from "../../src/log/logger.ts";
import type { Dialect } from "../../src/protocols/dialect.ts";
import { eventsTo } from "../support/events-to.ts";
import { FakeClock } from "../support/fake-clock.ts";
import { linesDialect } from "./lines-dialect.ts";
import { connectPeer, type TestPeer } from "./line-peer.ts";
import { type MemoryStore, memoryStore, type MemoryStoreOptions } from "../stores/memory-store.ts";
import { type MemoryLogger, memoryLogger } from "../support/memory-logger.ts";

export const testLimits: CentralLimits = {
  ...DEFAULT_LIMITS,
  stopGraceMs: 500,
};

export interface Fixture {
  readonly central: Central;
  readonly store: MemoryStore;
  readonly logger: MemoryLogger;
  readonly clock: FakeClock;
  readonly port: number;
  readonly connect: (options?: { readonly localAddress?: string }) => Promise<TestPeer>;
  /** Connects and sends the first line of the dialect. */
  readonly greet: () => Promise<TestPeer>;
  /** Resolves when the central has read so many bytes of a connection. */
  readonly hasRead: (bytes: number) => Promise<unknown>;
  /** Resolves with the reason and result of the first session to be closed. */
  readonly sessionClosed: () => Promise<LogEvent>;
}

export interface FixtureOptions {
  readonly limits?: Partial<CentralLimits>;
  /** [none] */
  readonly drawMarginMs?: number;
  readonly store?: MemoryStoreOptions;
  readonly dialects?: readonly Dialect[];
  readonly disabledDialects?: readonly Dialect[];
  /** Used in place of a new one. */
  readonly memory?: MemoryStore;
}

/** A central on a free port with a store in memory, fake time and a log to look at; stops with the test. */
export async function startFixture(t: TestContext, options: FixtureOptions = {}): Promise<Fixture> {
  const logger = memoryLogger();
  const clock = new FakeClock();
  const store =
    options.memory ??
    memoryStore({ ...options.store, onFailure: (error: Error) => central.fail(error) });
  const central: Central = await startCentral({
    config: {
      bindAddress: "127.0.0.1",
      port: 0,
      listenBacklog: 1024,
      drawMarginMs: options.drawMarginMs ?? 0,
      limits: { ...testLimits, ...options.limits },
    },
    store,
    dialects: options.dialects ?? [linesDialect],
    disabledDialects: options.disabledDialects ?? [],
    events: eventsTo(logger, clock),
    clock,
  });
  const { port } = central.address;
  const peers: TestPeer[] = [];
  const connect: Fixture["connect"] = async (peerOptions) => {
    const peer = await connectPeer(port, peerOptions);
    peers.push(peer);
    return peer;
  };
  t.after(async () => {
    for (const { socket } of peers) socket.destroy();
    await central.stop("the test is over");
  });
  return {
    central,
    store,
    logger,
    clock,
    port,
    connect,
    async greet() {
      const peer = await connect();
      peer.write("LINES\n");
      return peer;
    },
    hasRead: (bytes) =>
      logger.waitFor(({ action, received }) => action === "received" && received === bytes),
    sessionClosed: () => logger.waitFor(({ action }) => action === "close_session"),
  };
}
