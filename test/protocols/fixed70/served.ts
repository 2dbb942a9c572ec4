import type { Place, UnnumberedBatch } from "../../../src/lottery/batch.ts";
import type { Conversation, DeskVerdict } from "../../../src/protocols/desk.ts";
import { fixed70Dialect } from "../../../src/protocols/fixed70/dialect.ts";
import { fakeClock, type FakeClock } from "../../support/central-clock.ts";
import { FakePeer } from "../fake-peer.ts";
import { MemoryDesk } from "../memory-desk.ts";
import { turn } from "../scripted-desk.ts";
import { serveContext } from "../serve-context.ts";

/** Turns without any progress after which a conversation waits for something else. */
const QUIET_TURNS = 4;

export interface Offer {
  readonly agency: number;
  readonly count: number;
  readonly place: Place;
  readonly single: boolean;
}

/** A desk in memory that keeps what it was offered, and can be told what to say to it. */
export class WatchedDesk extends MemoryDesk {
  readonly offers: Offer[] = [];
  verdict: DeskVerdict | undefined;

  override submitUnnumbered(
    batch: UnnumberedBatch & { readonly single?: boolean },
    settle: (verdict: DeskVerdict) => void,
  ): void {
    const { agency, count, place, single = false } = batch;
    this.offers.push({ agency, count, place, single });
    if (this.verdict === undefined) super.submitUnnumbered(batch, settle);
    else settle(this.verdict);
  }
}

class SteppedPeer extends FakePeer {
  onProceed: () => void = () => undefined;

  override proceed(): void {
    super.proceed();
    this.onProceed();
  }
}

/** The central's side of one connection, stepped through as a session does. */
export class Served {
  readonly desk: MemoryDesk;
  readonly clock: FakeClock;
  readonly peer: FakePeer;
  readonly conversation: Conversation;
  readonly #chunks: Buffer[] = [];
  #steps: Iterator<void> | undefined;
  #peerEnded = false;
  #progress = 0;

  constructor(desk: MemoryDesk, clock: FakeClock = fakeClock()) {
    const peer = new SteppedPeer();
    peer.onProceed = () => this.#advance();
    this.desk = desk;
    this.clock = clock;
    this.peer = peer;
    this.conversation = fixed70Dialect.serve(serveContext(peer, desk, { clock }));
  }

  /** Brings chunks, and waits until nothing happens any more. @returns the answers, in hex */
  async say(...chunks: readonly Uint8Array[]): Promise<string[]> {
    this.#chunks.push(...chunks.map((chunk) => Buffer.from(chunk)));
    this.#advance();
    return this.answers();
  }

  /** The client ends its side. */
  async end(): Promise<string[]> {
    this.#peerEnded = true;
    this.#advance();
    return this.answers();
  }

  /** What the central has said since the last call, once nothing happens any more. */
  async answers(): Promise<string[]> {
    let quiet = 0;
    let progress = this.#progress;
    while (quiet < QUIET_TURNS) {
      await turn();
      quiet = progress === this.#progress ? quiet + 1 : 0;
      progress = this.#progress;
    }
    return this.peer.sent.splice(0).map((bytes) => bytes.toString("hex"));
  }

  get ended(): boolean {
    return this.peer.ends > 0;
  }

  /** Codes of what the log says of the peer. */
  get complaints(): unknown[] {
    return this.peer.events.map(({ event }) => event["code"] ?? event["reason"]);
  }

  #advance(): void {
    while (!this.ended && this.conversation.occupied !== true) {
      this.#progress++;
      if (this.#steps?.next().done === false) continue;
      const chunk = this.#chunks.shift();
      if (chunk === undefined) {
        this.#steps = undefined;
        if (this.#peerEnded) this.conversation.ended();
        return;
      }
      this.#steps = this.conversation.receive(chunk);
    }
  }
}
