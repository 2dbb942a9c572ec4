import { once } from "node:events";
import { createConnection, type Socket } from "node:net";
import type { AnswerSize } from "./dialogue.ts";

export interface RawPeerOptions {
  readonly port: number;
  /** An address of this machine to come from. */
  readonly localAddress?: string;
}

/** A connection that follows no rules: it sends any bytes, and ends at any time and in any way. */
export class RawPeer {
  readonly socket: Socket;
  /** Resolves when the connection is gone, in whatever way. */
  readonly closed: Promise<void>;
  #unread: Buffer = Buffer.alloc(0);
  #ended = false;
  #wake: (() => void) | undefined;

  private constructor(socket: Socket) {
    this.socket = socket;
    socket.on("error", () => undefined);
    this.closed = new Promise((resolve) => {
      socket.once("close", () => {
        this.#end();
        resolve();
      });
    });
    socket.on("data", (chunk: Buffer) => {
      this.#unread = this.#unread.length === 0 ? chunk : Buffer.concat([this.#unread, chunk]);
      this.#wake?.();
    });
    socket.on("end", () => this.#end());
  }

  static async connect({ port, localAddress }: RawPeerOptions): Promise<RawPeer> {
    const socket = createConnection({
      host: "127.0.0.1",
      port,
      // The test decides which side ends first.
      allowHalfOpen: true,
      noDelay: true,
      ...(localAddress === undefined ? {} : { localAddress }),
    });
    const peer = new RawPeer(socket);
    await once(socket, "connect");
    return peer;
  }

  /** What has arrived and was not taken yet. */
  get unread(): Buffer {
    return this.#unread;
  }

  /** The central has ended its side, or the connection is gone. */
  get ended(): boolean {
    return this.#ended;
  }

  say(bytes: Uint8Array): void {
    this.socket.write(bytes);
  }

  /** Comes back when the system has taken it. @returns false when the connection is gone */
  sayThrough(bytes: Uint8Array): Promise<boolean> {
    return new Promise((resolve) => {
      this.socket.write(bytes, (error) => resolve(error === undefined || error === null));
    });
  }

  /** The next answer. @throws Error when the connection ends before */
  async hear(size: AnswerSize): Promise<Buffer> {
    for (;;) {
      const answer = this.takeAnswer(size);
      if (answer !== undefined) return answer;
      if (this.#ended) {
        throw new Error(`The connection has ended after ${this.#unread.toString("latin1")}`);
      }
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
  }

  /** An answer that is there already. */
  takeAnswer(size: AnswerSize): Buffer | undefined {
    const bytes = size(this.#unread);
    if (bytes === undefined || bytes > this.#unread.length) return undefined;
    const answer = this.#unread.subarray(0, bytes);
    this.#unread = this.#unread.subarray(bytes);
    return answer;
  }

  /** Resolves when the central has ended its side, or the connection is gone. */
  async untilEnded(): Promise<void> {
    while (!this.#ended) {
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
  }

  /** Reads no more from the network than one buffer: {@link hear} does not work from now on. */
  deafen(): void {
    this.socket.removeAllListeners("data").pause();
  }

  /** RST: the connection is gone on both sides, with all that was on its way. */
  reset(): void {
    this.socket.resetAndDestroy();
  }

  #end(): void {
    this.#ended = true;
    this.#wake?.();
  }
}
