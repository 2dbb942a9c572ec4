import { type AddressInfo, createServer, type Server, type Socket } from "node:net";
import type { Duplex } from "node:stream";
import type { CentralConfig } from "../config/central-config.ts";
import type { Feed } from "../events/feed.ts";
import { ConnectionCount } from "./connection-count.ts";
import type { ProvenPeer } from "./proven-peer.ts";
import { readInto } from "./shared-reads.ts";
import { CentralError, describeError } from "./central-error.ts";

export interface ListenerOptions {
  readonly config: Pick<CentralConfig, "bindAddress" | "port" | "listenBacklog" | "limits">;
  readonly events: Pick<Feed, "publish">;
  /**
   * @param connection its chunks last no longer than the event that brings them
   * @param address the peer's, IPv4 in its plain form
   * @param proven what its peer has proven [every peer is believed]
   */
  readonly onConnection: (connection: Duplex, address: string, proven?: ProvenPeer) => void;
}

/** The way in: a port, so that connections need not come over a network. @throws CentralError */
export type Listen = (options: ListenerOptions) => Promise<Listener>;

export interface Listener {
  /** Where it listens: the port is the real one when 0 was asked for. */
  readonly address: { readonly address: string; readonly port: number };
  /** Accepts no more connections; those that are open stay. Idempotent. */
  close(): void;
}

/** The most that is read of a connection at once, as Node has it. */
const READ_BYTES = 64 * 1024;

/** After this much silence the network asks whether the peer's machine is still there. */
const KEEP_ALIVE_AFTER_MS = 60_000;

/** Listens on TCP, admits connections within the limits, and hands them over. */
export const listenOnTcp: Listen = (options) => {
  const memory = Buffer.allocUnsafeSlow(READ_BYTES);
  return openPort(options, (incoming, address) =>
    options.onConnection(readInto(memory, incoming), address),
  );
};

/**
 * Listens on TCP, and admits connections within the limits.
 *
 * @param take gets each of them, before anything was read of it
 */
export async function openPort(
  options: Pick<ListenerOptions, "config" | "events">,
  take: (incoming: Socket, address: string) => void,
): Promise<Listener> {
  const { config, events } = options;
  const connections = new ConnectionCount(config.limits);
  const server = createServer({
    // A client may end its side after its last message and still wait for the answer.
    allowHalfOpen: true,
    noDelay: true,
    // A peer that waits for the draw has no deadline: keep-alive finds out when its machine is gone.
    keepAlive: true,
    keepAliveInitialDelay: KEEP_ALIVE_AFTER_MS,
    // Nothing is read before it is known where to.
    pauseOnConnect: true,
  });
  server.on("connection", (incoming) => {
    // The system no longer knows the address of a peer that has reset the connection by now.
    const address = plainAddress(incoming.remoteAddress ?? "unknown");
    const from = { address };
    const reason = connections.admit(address);
    if (reason !== undefined) {
      events.publish({ kind: "connection-refused", from, reason });
      incoming.destroy();
      return;
    }
    incoming.on("close", () => connections.release(address));
    events.publish({ kind: "connection-accepted", from });
    take(incoming, address);
    events.publish({ kind: "connection-awaited", from });
  });
  await bind(server, config);
  // For example when there are no file descriptors left: open connections are served all the same.
  server.on("error", (error) => {
    events.publish({ kind: "accept-failed", error: describeError(error) });
  });
  events.publish({ kind: "listener-opened" });
  const { address, port } = server.address() as AddressInfo;
  let open = true;
  return {
    address: { address: plainAddress(address), port },
    close: () => {
      if (!open) return;
      open = false;
      server.close();
      events.publish({ kind: "listener-closed" });
    },
  };
}

/** `172.25.125.3` for `::ffff:172.25.125.3`, as a socket for both kinds of addresses reports it. */
export function plainAddress(address: string): string {
  return address.startsWith("::ffff:") && address.includes(".") ? address.slice(7) : address;
}

function bind(server: Server, config: ListenerOptions["config"]): Promise<void> {
  const { bindAddress, port, listenBacklog } = config;
  return new Promise((resolve, reject) => {
    const fail = (error: NodeJS.ErrnoException): void => {
      reject(listenError(error, `${bindAddress}:${port}`));
    };
    server.once("error", fail);
    server.listen({ host: bindAddress, port, backlog: listenBacklog }, () => {
      server.off("error", fail);
      resolve();
    });
  });
}

function listenError(cause: NodeJS.ErrnoException, where: string): CentralError {
  const what = `Cannot listen on ${where}`;
  switch (cause.code) {
    case "EADDRINUSE":
      return new CentralError(
        "ADDRESS_IN_USE",
        `${what}: another program listens there; stop it or choose another port`,
        { cause },
      );
    case "EACCES":
      return new CentralError(
        "ADDRESS_FORBIDDEN",
        `${what}: the system does not permit it; choose a port from 1024 to 65535`,
        { cause },
      );
    case "EADDRNOTAVAIL":
    case "ENOTFOUND":
      return new CentralError(
        "ADDRESS_UNAVAILABLE",
        `${what}: this machine has no such address; choose one it has, or 0.0.0.0 for all`,
        { cause },
      );
    default:
      return new CentralError("LISTEN_FAILED", `${what}: ${cause.message}`, { cause });
  }
}
