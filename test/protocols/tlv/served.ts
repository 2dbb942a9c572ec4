import type { UnnumberedBatch } from "../../../src/lottery/batch.ts";
import type { Conversation, DeskVerdict } from "../../../src/protocols/desk.ts";
import { tlvDialect } from "../../../src/protocols/tlv/dialect.ts";
import { fakeClock } from "../../support/central-clock.ts";
import { FakePeer } from "../fake-peer.ts";
import { MemoryDesk } from "../memory-desk.ts";
import { turn } from "../scripted-desk.ts";
import { serveContext } from "../serve-context.ts";

/** What reached the desk, without its lines. */
export type Submitted = Omit<UnnumberedBatch, "lines"> & { readonly single?: boolean };

/** A desk in memory that remembers what was submitted, stored or not. */
export class WatchedDesk extends MemoryDesk {
  readonly submitted: Submitted[] = [];

  override submitUnnumbered(
    batch: UnnumberedBatch & { readonly single?: boolean },
    settle: (verdict: DeskVerdict) => void,
  ): void {
    const { lines, ...submitted } = batch;
    this.submitted.push(submitted);
    super.submitUnnumbered({ ...submitted, lines }, settle);
  }
}

/** The central's side of one tlv connection, stepped through as a session does. */
export class Served {
  readonly desk: WatchedDesk;
  readonly peer = new FakePeer();
  readonly clock = fakeClock();
  readonly conversation: Conversation;

  constructor(desk = new WatchedDesk(3)) {
    this.desk = desk;
    this.conversation = tlvDialect.serve(serveContext(this.peer, desk, { clock: this.clock }));
  }

  /** Gives the conversation chunks, and waits until it has answered. @returns the answers, in hex */
  async say(...chunks: readonly Uint8Array[]): Promise<string[]> {
    for (const chunk of chunks) {
      const bytes = Buffer.from(chunk);
      const steps = this.conversation.receive(bytes);
      while (steps.next().done !== true) await this.#answered();
      bytes.fill(0xee);
    }
    return this.answers();
  }

  /** What the central has said since the last call. */
  answers(): string[] {
    return this.peer.sent.splice(0).map((bytes) => bytes.toString("hex"));
  }

  get violations(): unknown[] {
    return this.peer.events.map(({ event }) => event["code"] ?? event["reason"]);
  }

  /** Nothing is due: a session would step on. */
  async #answered(): Promise<void> {
    while (this.conversation.occupied === true) await turn();
  }
}

export const OK = "0200000000";
export const NOT_YET = "0800000000";
export const NO_WINNERS = "070000000123";
export const REFUSED: string = `0400000022${Buffer.from("Error al procesar el batch enviado").toString("hex")}`;
export const UNKNOWN: string = `040000000e${Buffer.from("Unknown agency").toString("hex")}`;
