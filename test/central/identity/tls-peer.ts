import { once } from "node:events";
import { connect, type ConnectionOptions, type TLSSocket } from "node:tls";
import type { Issued } from "../../../src/identity/pki/authority.ts";
import { until } from "../../support/turns.ts";

export interface TlsPeerOptions {
  /** PEM of the authority that the central's certificate comes from. */
  readonly ca: string;
  readonly issued?: Pick<Issued, "certificate" | "key"> | undefined;
  /** A session of an earlier connection to resume. */
  readonly session?: Buffer | undefined;
  /** Announced in the handshake. */
  readonly protocol?: string;
  readonly tls?: ConnectionOptions;
}

/** A client over TLS that keeps every byte it gets. */
export class TlsPeer {
  readonly socket: TLSSocket;
  /** The ticket with which a later connection can resume this one's session. */
  session: Buffer | undefined;
  over = false;
  #received: Buffer = Buffer.alloc(0);

  private constructor(socket: TLSSocket) {
    this.socket = socket;
    socket.on("data", (chunk: Buffer) => {
      this.#received = Buffer.concat([this.#received, chunk]);
    });
    socket.on("session", (session) => {
      this.session = session;
    });
    socket.on("error", () => undefined);
    for (const event of ["end", "close"] as const) {
      socket.on(event, () => {
        this.over = true;
      });
    }
  }

  /** Resolves when this side's handshake is over; whether the central likes the certificate is not known then. */
  static async connect(port: number, options: TlsPeerOptions): Promise<TlsPeer> {
    const { ca, issued, session, protocol, tls } = options;
    const peer = new TlsPeer(
      connect({
        host: "127.0.0.1",
        port,
        ca,
        ...(issued === undefined ? {} : { cert: issued.certificate, key: issued.key }),
        ...(session === undefined ? {} : { session }),
        ...(protocol === undefined ? {} : { ALPNProtocols: [protocol] }),
        ...tls,
      }),
    );
    // An error is followed by the close.
    const closed = new Promise((resolve) => peer.socket.once("close", resolve));
    await Promise.race([once(peer.socket, "secureConnect").catch(() => undefined), closed]);
    return peer;
  }

  /** Every byte that came so far. */
  get received(): Buffer {
    return this.#received;
  }

  write(bytes: string | Uint8Array): void {
    this.socket.write(bytes);
  }

  /** Resolves when so many bytes came, or no more can come. */
  async bytes(count: number): Promise<Buffer> {
    await until(() => this.#received.length >= count || this.over);
    return this.#received;
  }

  /** Resolves when the central has ended the connection. @returns every byte that came */
  async ended(): Promise<Buffer> {
    await until(() => this.over);
    return this.#received;
  }
}
