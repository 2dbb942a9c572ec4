import type { TestContext } from "node:test";
import { type Central, startCentral } from "../../../src/central/central.ts";
import { type Clock, systemClock } from "../../../src/clock.ts";
import type { CentralLimits } from "../../../src/config/central-config.ts";
import type { CentralEvent, CentralEventKind } from "../../../src/events/central-event.ts";
import type { Identity } from "../../../src/identity/load-identity.ts";
import { Feed } from "../../../src/events/feed.ts";
import type { Dialect } from "../../../src/protocols/dialect.ts";
import { DIALECTS } from "../../../src/protocols/dialects.ts";
import {
  type MemoryStore,
  memoryStore,
  type MemoryStoreOptions,
} from "../../stores/memory-store.ts";
import type { TestIdentity } from "../../support/identity-files.ts";
import { until } from "../../support/turns.ts";
import { testLimits } from "../fixture.ts";
import { TlsPeer, type TlsPeerOptions } from "./tls-peer.ts";

type EventOf<Kind extends CentralEventKind> = Extract<CentralEvent, { readonly kind: Kind }>;

export interface GuardedCentral {
  readonly central: Central;
  readonly store: MemoryStore;
  readonly identity: TestIdentity;
  readonly port: number;
  /** Everything that happened so far. */
  readonly events: readonly CentralEvent[];
  readonly of: <Kind extends CentralEventKind>(kind: Kind) => readonly EventOf<Kind>[];
  /** Resolves with the first event of this kind, past or to come. */
  readonly seen: <Kind extends CentralEventKind>(kind: Kind) => Promise<EventOf<Kind>>;
  readonly connect: (options?: Omit<TlsPeerOptions, "ca">) => Promise<TlsPeer>;
}

export interface GuardedOptions {
  readonly clock?: Clock;
  readonly store?: MemoryStoreOptions;
  readonly limits?: Partial<CentralLimits>;
  readonly dialects?: readonly Dialect[];
  readonly handshakesMax?: number;
  /** [reads the files] */
  readonly load?: () => Promise<Identity>;
}

/** A central over TLS, on a free port, with a store in memory. It stops with the test. */
export async function startGuarded(
  t: TestContext,
  identity: TestIdentity,
  options: GuardedOptions = {},
): Promise<GuardedCentral> {
  const { clock = systemClock, dialects = DIALECTS } = options;
  const store = memoryStore(options.store);
  const feed = new Feed();
  const events: CentralEvent[] = [];
  feed.subscribe({ take: (event) => void events.push(event) });
  const central = await startCentral({
    config: {
      bindAddress: "127.0.0.1",
      port: 0,
      listenBacklog: 1024,
      drawMarginMs: 0,
      limits: { ...testLimits, ...options.limits },
    },
    identity: {
      loaded: await identity.load(),
      load: options.load ?? (() => identity.load()),
      ...(options.handshakesMax === undefined ? {} : { handshakesMax: options.handshakesMax }),
    },
    store,
    dialects,
    events: feed,
    clock,
  });
  const peers: TlsPeer[] = [];
  t.after(async () => {
    for (const { socket } of peers) socket.destroy();
    await central.stop("the test is over");
  });
  const of: GuardedCentral["of"] = <Kind extends CentralEventKind>(kind: Kind) =>
    events.filter((event): event is EventOf<Kind> => event.kind === kind);
  const { port } = central.address;
  return {
    central,
    store,
    identity,
    port,
    events,
    of,
    async seen(kind) {
      await until(() => of(kind).length > 0);
      const [first] = of(kind);
      if (first === undefined) throw new Error(`There is no event ${kind}`);
      return first;
    },
    async connect(peerOptions = {}) {
      const ca = identity.authority.certificate;
      const peer = await TlsPeer.connect(port, { ca, ...peerOptions });
      peers.push(peer);
      return peer;
    },
  };
}
