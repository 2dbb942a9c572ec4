import { Driven } from "./driven.ts";
import type { Dialect } from "../../src/protocols/dialect.ts";
import type { FakeClock } from "../support/fake-clock.ts";
import { FakePeer } from "./fake-peer.ts";
import type { MemoryDesk } from "./memory-desk.ts";
import { turn } from "./scripted-desk.ts";
import { serveContext } from "./serve-context.ts";

/** Turns without any progress after which a conversation waits for something else. */
const QUIET_TURNS = 5;

export interface ServedOptions {
  readonly clock?: FakeClock;
  readonly courseFrameBytesMax?: number;
}

class SteppedPeer extends FakePeer {
  onProceed: () => void = () => undefined;

  override proceed(): void {
    super.proceed();
    this.onProceed();
  }
}

/** The central's side of one connection, stepped through as a session does, in time that tests let pass. */
export class Served<D extends MemoryDesk = MemoryDesk> {
  readonly desk: D;
  readonly clock: FakeClock;
  readonly peer: FakePeer;
  readonly conversation: Driven;
  readonly #chunks: Buffer[] = [];
  #chunk: Buffer | undefined;
  #steps: Iterator<void> | undefined;
  #peerEnded = false;
  #progress = 0;

  constructor(dialect: Pick<Dialect, "serve">, desk: D, options: ServedOptions = {}) {
    const { clock = desk.clock, courseFrameBytesMax = 131_072 } = options;
    const peer = new SteppedPeer();
    peer.onProceed = () => this.#advance();
    this.desk = desk;
    this.clock = clock;
    this.peer = peer;
    const limits = { frameBytesMax: 8192, courseFrameBytesMax };
    this.conversation = new Driven(dialect.serve(serveContext(peer, desk, { limits, clock })));
  }

  /** Brings chunks, and waits until nothing happens any more. @returns the answers, one for each write */
  async bring(...chunks: readonly (string | Uint8Array)[]): Promise<Buffer[]> {
    this.#chunks.push(...chunks.map((chunk) => Buffer.from(chunk as string)));
    this.#advance();
    return this.hear();
  }

  /** The client ends its side. */
  async end(): Promise<Buffer[]> {
    this.#peerEnded = true;
    this.#advance();
    return this.hear();
  }

  /** Lets time pass. */
  async pass(ms: number): Promise<Buffer[]> {
    this.clock.advance(ms);
    return this.hear();
  }

  /** What the central has said since the last call, once nothing happens any more. */
  async hear(): Promise<Buffer[]> {
    let quiet = 0;
    let progress = this.#progress;
    while (quiet < QUIET_TURNS) {
      await turn();
      quiet = progress === this.#progress ? quiet + 1 : 0;
      progress = this.#progress;
    }
    return this.peer.sent.splice(0);
  }

  /** The connection is gone, or the central stops: as a session says so. */
  close(how: "closed" | "stopping" = "closed"): void {
    this.conversation[how]();
    this.peer.gone();
  }

  /** Whether the central has ended the connection. */
  get ended(): boolean {
    return this.peer.ends > 0;
  }

  /** Codes, or reasons, of what the log says of the peer. */
  get complaints(): unknown[] {
    return this.peer.events.map(({ event }) => event["code"] ?? event["reason"]);
  }

  #advance(): void {
    while (!this.ended && !this.conversation.mustWait) {
      this.#progress++;
      if (this.#steps?.next().done === false) continue;
      // What is kept must not be a view of the chunk: a session reads to the same memory again.
      this.#chunk?.fill(0xee);
      this.#steps = undefined;
      if (this.conversation.occupied) return;
      this.#chunk = this.#chunks.shift();
      if (this.#chunk === undefined) {
        if (this.#peerEnded) this.conversation.ended();
        return;
      }
      this.#steps = this.conversation.receive(this.#chunk);
    }
    if (this.#steps === undefined) return;
    this.conversation.retain();
    this.#chunk?.fill(0xee);
  }
}

/** Every byte by itself. */
export function bytewise(bytes: string | Uint8Array): Buffer[] {
  return Array.from(Buffer.from(bytes as string), (byte) => Buffer.of(byte));
}
