import type { Socket } from "node:net";
import { createServer, type Server, type TlsOptions, type TLSSocket } from "node:tls";
import type { Clock } from "../clock.ts";
import type { HandshakeFlaw } from "../events/central-event.ts";
import type { Feed } from "../events/feed.ts";
import { channelBindingOf } from "../identity/channel-binding.ts";
import { WAIT_MS_MAX } from "../limits.ts";
import type { AnnouncedDialect, Dialect } from "../protocols/dialect.ts";
import type { Identity } from "../identity/load-identity.ts";
import { describeError } from "./central-error.ts";
import type { Guard, Met } from "./guard.ts";
import { type ListenerOptions, plainAddress } from "./listener.ts";

/** Connections whose peers have not proven anything yet. */
export const HANDSHAKES_MAX = 1024;
/** How long a peer that is turned away may take to read why. */
const TURNED_AWAY_GRACE_MS = 500;

export interface HandshakesOptions {
  readonly guard: Guard;
  /** All that the central speaks: some are announced in the handshake. */
  readonly dialects: readonly Dialect[];
  readonly events: Pick<Feed, "publish">;
  readonly clock: Clock;
  /** How long handshake and proof may take, from the connection on. */
  readonly timeoutMs: number;
  /** How many may have proven nothing yet [1,024] */
  readonly handshakesMax?: number | undefined;
  readonly onConnection: ListenerOptions["onConnection"];
}

/** A connection whose peer has not proven anything yet: in its handshake, or after it and before its proof. */
interface Pending {
  readonly incoming: Socket;
  readonly address: string;
  readonly cancelDeadline: () => void;
  /** The handshake is over. */
  met: boolean;
}

/**
 * Performs TLS handshakes, and hands a connection over only after the guard has judged its peer. How many peers
 * have not proven anything yet is limited: when there are too many, the address with most of them loses its oldest
 * one. So a flood of connections that say nothing takes places mainly from itself.
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
    this.#server = createServer(this.#tlsOptions(options.guard.identity));
    this.#server.on("secureConnection", (socket) => this.#finish(socket));
    this.#server.on("tlsClientError", (error, socket) => this.#fail(error, socket));
  }

  /** How many have proven nothing yet. */
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
    // A port is used again only when its connection before was reset, which is not told here yet.
    this.#cut(address, port, "gone");
    if (this.#size >= handshakesMax) this.#makeRoom();
    const cancelDeadline = clock.after(timeoutMs, () => this.#cut(address, port, "too-slow"));
    const here = this.#pending.get(address) ?? new Map<number, Pending>();
    this.#pending.set(address, here);
    here.set(port, { incoming, address, cancelDeadline, met: false });
    this.#size++;
    incoming.on("error", () => undefined);
    incoming.on("close", () => {
      if (this.#find(address, port)?.incoming !== incoming) return;
      if (this.#forget(address, port)?.met === false) this.#report(address, "gone");
    });
    this.#server.emit("connection", incoming);
  }

  /**
   * From now on performs handshakes by other files. Their keys for session tickets are new ones: nothing of before
   * resumes.
   */
  renew(identity: Identity): void {
    this.#server.setSecureContext(this.#tlsOptions(identity));
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

  #tlsOptions(identity: Identity): TlsOptions {
    const protocols = [...this.#announced.keys()];
    return {
      ...identity.contextOptions(),
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
    const { remoteAddress = "", remotePort = 0 } = socket;
    const address = plainAddress(remoteAddress);
    const pending = this.#find(address, remotePort);
    // It was cut, or the central stops.
    if (pending === undefined) {
      socket.destroy();
      return;
    }
    pending.met = true;
    const settle = (): void => void this.#forget(address, remotePort);
    let met: Met | undefined;
    try {
      met = this.#meet(socket);
    } catch (error) {
      // Whatever is in a certificate, it must not end more than its own connection.
      this.#report(address, "unreadable", undefined, describeError(error));
    }
    if (met?.kind === "let-in") {
      if (met.peer.agency === undefined) met.peer.whenProven(settle);
      else settle();
      this.#options.onConnection(socket, address, met.peer);
      return;
    }
    settle();
    if (met?.kind === "turned-away") this.#turnAway(socket, address, met);
    else socket.on("error", () => undefined).destroy();
  }

  /** @returns undefined when the connection is gone already */
  #meet(socket: TLSSocket): Met | undefined {
    const channelBinding = channelBindingOf(socket);
    // Without this no proof could be bound to it.
    if (channelBinding === undefined) return undefined;
    return this.#options.guard.meet({
      certificate: socket.getPeerX509Certificate(),
      // Node's types say that it is an error; it is its code.
      untrusted: socket.authorized ? undefined : String(socket.authorizationError),
      channelBinding,
    });
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

  #find(address: string, port: number): Pending | undefined {
    return this.#pending.get(address)?.get(port);
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
