import type { Place, UnnumberedBatch } from "../../../src/lottery/batch.ts";
import type { AgencyId } from "../../../src/lottery/bet.ts";
import type { Conversation, Desk, DeskVerdict } from "../../../src/protocols/desk.ts";
import { colonLinesDialect } from "../../../src/protocols/colon-lines/dialect.ts";
import { fakeClock } from "../../support/central-clock.ts";
import { FakePeer } from "../fake-peer.ts";
import { MemoryDesk } from "../memory-desk.ts";
import { turn } from "../scripted-desk.ts";
import { serveContext } from "../serve-context.ts";

export interface Offer {
  readonly agency: number;
  readonly count: number;
  readonly place: Place;
  readonly single: boolean;
}

/** A desk that keeps what it was offered, can be told what to say to it, and knows its agencies. */
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

  override async done(agency: AgencyId): ReturnType<Desk["done"]> {
    return this.known(agency) === undefined ? { kind: "unknown-agency" } : super.done(agency);
  }
}

class SteppedPeer extends FakePeer {
  onProceed: () => void = () => undefined;

  override proceed(): void {
    super.proceed();
    this.onProceed();
  }
}

/** The central's side of one connection, stepped as a session does, in time that the test lets pass. */
export class Served {
  readonly desk: MemoryDesk;
  readonly peer: FakePeer;
  readonly conversation: Conversation;
  readonly clock = fakeClock();
  #steps: Iterator<void> | undefined;

  constructor(desk: MemoryDesk, courseFrameBytesMax = 131_072) {
    this.desk = desk;
    const peer = new SteppedPeer();
    peer.onProceed = () => this.#advance();
    this.peer = peer;
    const limits = { frameBytesMax: 8192, courseFrameBytesMax };
    this.conversation = colonLinesDialect.serve(
      serveContext(peer, desk, { limits, clock: this.clock }),
    );
  }

  /** Gives the conversation chunks, and waits until nothing moves any more. @returns the answers */
  async say(...chunks: readonly (string | Uint8Array)[]): Promise<string> {
    for (const chunk of chunks) {
      while (this.#steps !== undefined && this.peer.ends === 0) await turn();
      if (this.peer.ends > 0) break;
      const bytes = Buffer.from(chunk as string);
      this.#steps = this.conversation.receive(bytes);
      this.#advance();
      // What is kept must not be a view of the chunk.
      if (this.#steps === undefined) bytes.fill(0xee);
    }
    return this.settled();
  }

  /** Lets time pass. @returns the answers */
  async wait(ms: number): Promise<string> {
    this.clock.tick(ms);
    return this.settled();
  }

  async settled(): Promise<string> {
    // Attending, storing and answering take a turn each at most.
    for (let turns = 0; turns < 4; turns++) await turn();
    return this.peer.take().toString();
  }

  #advance(): void {
    while (this.#steps !== undefined && this.conversation.occupied !== true) {
      if (this.#steps.next().done === true) this.#steps = undefined;
    }
  }
}

/** Every byte by itself. */
export function bytewise(text: string | Uint8Array): Buffer[] {
  return Array.from(Buffer.from(text as string), (byte) => Buffer.of(byte));
}
