import type { Socket } from "node:net";
import { createServer, type Server, type TlsOptions, type TLSSocket } from "node:tls";
import type { Clock } from "../clock.ts";
import type { HandshakeFlaw } from "../events/central-event.ts";
import type { Feed } from "../events/feed.ts";
import { channelBindingOf } from "../identity/channel-binding.ts";
import { WAIT_MS_MAX } from "../limits.ts";
import type { AnnouncedDialect, Dialect } from "../protocols/dialect.ts";
import type { Guard, Met } from "./guard.ts";
import { type ListenerOptions, plainAddress } from "./listener.ts";

/** Handshakes that are under way at a time. */
export const HANDSHAKES_MAX = 1024;
/** How long a peer that is turned away may take to read why. */
const TURNED_AWAY_GRACE_MS = 500;

export interface HandshakesOptions {
  readonly guard: Guard;
  /** All that the central speaks: some are announced in the handshake. */
  readonly dialects: readonly Dialect[];
  readonly events: Pick<Feed, "publish">;
  readonly clock: Clock;
  /** How long a handshake may take, from the connection on. */
  readonly timeoutMs: number;
  /** How many may be under way [1,024] */
  readonly handshakesMax?: number | undefined;
  readonly onConnection: ListenerOptions["onConnection"];
}

/** A connection whose handshake is under way. */
interface Pending {
  readonly incoming: Socket;
  readonly address: string;
  readonly cancelDeadline: () => void;
}

/**
 * Performs TLS handshakes, and hands a connection over only after the guard has judged its peer. How many are
 * under way is limited: when there are too many, the address with most of them loses its oldest one. So a
 * flood of connections that say nothing takes places mainly from itself.
 */
export class Handshakes {
  readonly #options: HandshakesOptions;
  readonly #announced: ReadonlyMap<string, AnnouncedDialect>;
  readonly #server: Server;
  /** By address, then by port: the peer's port tells its connections apart. */
  readonly #pending = new Map<string, Map<number, Pending>>();
  #size = 0;
  #closed = false;

  constructor(options: HandshakesOptions) {
    this.#options = options;
    this.#announced = new Map(
      options.dialects.flatMap(({ announced }) =>
        announced === undefined ? [] : [[announced.protocol, announced]],
      ),
    );
    // It never listens: it gets connections that are accepted already.
    this.#server = createServer(this.#tlsOptions());
    this.#server.on("secureConnection", (socket) => this.#finish(socket));
    this.#server.on("tlsClientError", (error, socket) => this.#fail(error, socket));
  }

  /** How many are under way. */
  get size(): number {
    return this.#size;
  }

  begin(incoming: Socket, address: string): void {
    const { remotePort: port } = incoming;
    // The system no longer knows the port of a peer that has reset the connection by now.
    if (port === undefined || this.#closed) {
      incoming.destroy();
      return;
    }
    const { clock, timeoutMs, handshakesMax = HANDSHAKES_MAX } = this.#options;
    if (this.#size >= handshakesMax) this.#makeRoom();
    const cancelDeadline = clock.after(timeoutMs, () => this.#cut(address, port, "too-slow"));
    const here = this.#pending.get(address) ?? new Map<number, Pending>();
    this.#pending.set(address, here);
    here.set(port, { incoming, address, cancelDeadline });
    this.#size++;
    incoming.on("error", () => undefined);
    incoming.on("close", () => {
      if (this.#forget(address, port) !== undefined) this.#report(address, "gone");
    });
    this.#server.emit("connection", incoming);
  }

  /**
   * From now on performs handshakes by the files that the guard has now. Their keys for session tickets are
   * new ones: nothing of before resumes.
   */
  renew(): void {
    this.#server.setSecureContext(this.#tlsOptions());
  }

  /** Cuts what is under way, and begins nothing more. Idempotent. */
  close(): void {
    this.#closed = true;
    for (const here of this.#pending.values()) {
      for (const { incoming, cancelDeadline } of here.values()) {
        cancelDeadline();
        incoming.destroy();
      }
    }
    this.#pending.clear();
    this.#size = 0;
  }

  #tlsOptions(): TlsOptions {
    const { guard } = this.#options;
    const protocols = [...this.#announced.keys()];
    return {
      ...guard.identity.contextOptions(),
      minVersion: "TLSv1.3",
      // A peer without a certificate may have a token, and one with a bad certificate is to be reported.
      requestCert: true,
      rejectUnauthorized: false,
      allowHalfOpen: true,
      // Ours is the deadline.
      handshakeTimeout: WAIT_MS_MAX,
      ...(protocols.length === 0 ? {} : { ALPNProtocols: protocols }),
    };
  }

  #finish(socket: TLSSocket): void {
    const pending = this.#settle(socket);
    // It was cut, or the central stops.
    if (pending === undefined) {
      socket.destroy();
      return;
    }
    const { address } = pending;
    const channelBinding = channelBindingOf(socket);
    // The connection is gone already, and without this no proof could be bound to it.
    if (channelBinding === undefined) {
      this.#report(address, "gone");
      socket.destroy();
      return;
    }
    const met = this.#options.guard.meet({
      certificate: socket.getPeerX509Certificate(),
      // Node's types say that it is an error; it is its code.
      untrusted: socket.authorized ? undefined : String(socket.authorizationError),
      channelBinding,
    });
    if (met.kind === "let-in") this.#options.onConnection(socket, address, met.peer);
    else this.#turnAway(socket, address, met);
  }

  #turnAway(
    socket: TLSSocket,
    address: string,
    { flaw, agency, refusal }: Extract<Met, { kind: "turned-away" }>,
  ): void {
    this.#report(address, flaw, agency);
    // From now on nobody looks at this connection.
    socket.on("error", () => undefined);
    const announced = this.#announced.get(String(socket.alpnProtocol));
    if (announced === undefined) {
      socket.destroy();
      return;
    }
    // What the peer still sends is read and thrown away, so that the network does not throw our answer away.
    socket.resume();
    socket.end(announced.turnAway(refusal));
    this.#options.clock.afterIfAlive(TURNED_AWAY_GRACE_MS, () => socket.destroy());
  }

  #fail(error: NodeJS.ErrnoException, socket: TLSSocket): void {
    const pending = this.#settle(socket);
    // The address says whose it is; a reset is reported when the connection is gone.
    if (pending === undefined) return;
    const flaw = error.code === "ECONNRESET" ? "gone" : "no-tls";
    this.#report(pending.address, flaw, undefined, error.code);
    pending.incoming.destroy();
  }

  #makeRoom(): void {
    let busiest: Map<number, Pending> | undefined;
    for (const here of this.#pending.values()) {
      if (here.size > (busiest?.size ?? 0)) busiest = here;
    }
    for (const [port, { address }] of busiest ?? []) {
      this.#cut(address, port, "too-many-handshakes");
      return;
    }
  }

  #cut(address: string, port: number, flaw: HandshakeFlaw): void {
    const pending = this.#forget(address, port);
    if (pending === undefined) return;
    this.#report(address, flaw);
    pending.incoming.destroy();
  }

  /** The handshake of this connection is over, well or not. */
  #settle(socket: TLSSocket): Pending | undefined {
    const { remoteAddress, remotePort } = socket;
    if (remoteAddress === undefined || remotePort === undefined) return undefined;
    return this.#forget(plainAddress(remoteAddress), remotePort);
  }

  #forget(address: string, port: number): Pending | undefined {
    const here = this.#pending.get(address);
    const pending = here?.get(port);
    if (here === undefined || pending === undefined) return undefined;
    here.delete(port);
    if (here.size === 0) this.#pending.delete(address);
    this.#size--;
    pending.cancelDeadline();
    return pending;
  }

  #report(address: string, flaw: HandshakeFlaw, agency?: number, code?: string): void {
    const from = { address };
    this.#options.events.publish({ kind: "handshake-refused", from, flaw, agency, code });
  }
}
