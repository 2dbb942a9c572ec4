import { Duplex, type DuplexOptions } from "node:stream";
import type { Network } from "./network.ts";
import type { Pipe } from "./pipe.ts";
import type { Life } from "./world.ts";

/** The value of Node 20, whatever version this runs on. */
const HIGH_WATER_MARK = 16 * 1024;

const SCRIBBLE = 0xdd;

/** One side of a connection, as its process sees it: it behaves like a socket's stream. */
export class SimSocket extends Duplex {
  readonly name: string;
  readonly life: Life;
  /** Its process has got it. */
  held = false;
  /** The process or its system has closed it. */
  gone = false;
  /** Its machine does not answer. */
  mute = false;
  readonly #network: Network;
  readonly #shared: boolean;
  #peer: SimSocket | undefined;
  #outbound: Pipe | undefined;

  /** @param shared a chunk lasts no longer than its event, as the central reads (shared-reads.ts) */
  constructor(
    network: Network,
    life: Life,
    name: string,
    { shared, ...options }: DuplexOptions & { readonly shared: boolean },
  ) {
    super({ ...options, highWaterMark: HIGH_WATER_MARK });
    this.#shared = shared;
    this.#network = network;
    this.life = life;
    this.name = name;
  }

  /** Connects the two sides of a connection. */
  pair(peer: SimSocket, outbound: Pipe): void {
    this.#peer = peer;
    this.#outbound = outbound;
  }

  get peer(): SimSocket {
    if (this.#peer === undefined) throw new Error("Cannot use a socket that is not connected");
    return this.#peer;
  }

  get outbound(): Pipe {
    if (this.#outbound === undefined) throw new Error("Cannot use a socket that is not connected");
    return this.#outbound;
  }

  get inbound(): Pipe {
    return this.peer.outbound;
  }

  /** Whether something has arrived that the process has not read. */
  get unread(): boolean {
    return this.readableLength > 0 || this.inbound.waiting;
  }

  answerReset(): void {
    this.#network.answerReset(this);
  }

  /**
   * Bytes have arrived.
   * @returns whether more may come
   */
  receive(bytes: Uint8Array): boolean {
    if (!this.#shared) return this.push(Buffer.from(bytes));
    const memory = Buffer.from(bytes);
    // The next read of any connection goes to the same memory.
    this.life.world.whenDry(() => memory.fill(SCRIBBLE));
    this.emit("data", memory);
    return !this.isPaused();
  }

  // Like a net.Socket that reads into given memory.

  override pause(): this {
    if (this.#shared && this.#peer !== undefined) this.inbound.unwant();
    return super.pause();
  }

  override resume(): this {
    const resumed = super.resume();
    if (this.#shared && this.#peer !== undefined) this.inbound.want();
    return resumed;
  }

  override _read(): void {
    this.inbound.want();
  }

  override _write(chunk: Uint8Array, _encoding: unknown, taken: () => void): void {
    if (chunk.length === 0) {
      // Nothing is sent: the system only says that it could be.
      this.life.soon(`${this.name} sends nothing`, taken);
      return;
    }
    this.outbound.send(Buffer.from(chunk), taken);
  }

  override _writev(chunks: { readonly chunk: Uint8Array }[], taken: () => void): void {
    this.outbound.send(Buffer.concat(chunks.map(({ chunk }) => chunk)), taken);
  }

  override _final(done: () => void): void {
    this.outbound.sendEnd();
    this.life.soon(`${this.name} has ended`, done);
  }

  override _destroy(error: Error | null, done: (error: Error | null) => void): void {
    this.#network.close(this);
    done(error);
  }
}
