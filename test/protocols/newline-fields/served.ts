import type { Place, UnnumberedBatch } from "../../../src/lottery/batch.ts";
import type { Conversation, DeskVerdict } from "../../../src/protocols/desk.ts";
import { newlineFieldsDialect } from "../../../src/protocols/newline-fields/dialect.ts";
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

/** A desk that keeps what it was offered, and can be told what to say to it. */
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

/** The central's side of one connection, stepped as a session does. */
export class Served {
  readonly peer: FakePeer;
  readonly conversation: Conversation;
  readonly clock = fakeClock();
  #steps: Iterator<void> | undefined;

  constructor(desk: MemoryDesk, courseFrameBytesMax = 131_072) {
    const peer = new SteppedPeer();
    peer.onProceed = () => this.#advance();
    this.peer = peer;
    const limits = { frameBytesMax: 8192, courseFrameBytesMax };
    const context = serveContext(peer, desk, { limits, clock: this.clock });
    this.conversation = newlineFieldsDialect.serve(context);
  }

  get ended(): boolean {
    return this.peer.ends > 0;
  }

  /** Gives the conversation chunks, and waits until nothing moves any more. @returns each answer */
  async say(...chunks: readonly (string | Uint8Array)[]): Promise<string[]> {
    for (const chunk of chunks) {
      while (this.#steps !== undefined && !this.ended) await turn();
      if (this.ended) break;
      const bytes = Buffer.from(chunk as string);
      this.#steps = this.conversation.receive(bytes);
      this.#advance();
      // What is kept must not be a view of the chunk.
      if (this.#steps === undefined && this.conversation.occupied !== true) bytes.fill(0xee);
    }
    return this.hear();
  }

  /** Lets time pass. @returns each answer */
  async wait(ms: number): Promise<string[]> {
    this.clock.tick(ms);
    return this.hear();
  }

  /** @returns each write since the last call, once nothing moves any more */
  async hear(): Promise<string[]> {
    // Attending, storing and answering take a turn each at most.
    for (let turns = 0; turns < 5; turns++) await turn();
    return this.peer.sent.splice(0).map((bytes) => bytes.toString());
  }

  /** What was logged, as `level action: error or reason`. */
  get log(): string[] {
    return this.peer.events.map(({ level, event }) =>
      [level, `${event.action}:`, event["code"] ?? event["reason"]].join(" "),
    );
  }

  #advance(): void {
    while (this.#steps !== undefined && this.conversation.occupied !== true) {
      if (this.ended || this.#steps.next().done === true) this.#steps = undefined;
    }
  }
}

/** Every byte by itself. */
export function bytewise(text: string | Uint8Array): Buffer[] {
  return Array.from(Buffer.from(text as string), (byte) => Buffer.of(byte));
}
