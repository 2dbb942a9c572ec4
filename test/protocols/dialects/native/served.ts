import type { Standing } from "../../../../src/lottery/standing.ts";
import { nativeDialect } from "../../../../src/protocols/dialects/native/dialect.ts";
import { encodeClient } from "../../../../src/protocols/dialects/native/encode.ts";
import {
  type CentralMessage,
  type ClientMessage,
  PREFACE,
} from "../../../../src/protocols/dialects/native/wire.ts";
import { Driven } from "../../driven.ts";
import { FakePeer } from "../../fake-peer.ts";
import { ScriptedDesk } from "../../scripted-desk.ts";
import { SERVE_LIMITS, serveContext } from "../../serve-context.ts";
import { decoderFor, messagesOf } from "./codec.ts";

export const HELLO: ClientMessage = {
  kind: "hello",
  agency: 1,
  draw: "",
  credentials: Buffer.alloc(0),
};

/** The central's side of one connection, between a scripted desk and a fake peer. */
export class Served {
  readonly desk = new ScriptedDesk();
  readonly peer = new FakePeer();
  readonly conversation: Driven;
  readonly #decoder = decoderFor("central");

  constructor(frameBytesMax = 8192) {
    const { desk, peer } = this;
    const limits = { ...SERVE_LIMITS, frameBytesMax };
    this.conversation = new Driven(nativeDialect.serve(serveContext(peer, desk, { limits })));
  }

  /** Gives the conversation one chunk. @returns in how many steps it was handled */
  receive(bytes: Uint8Array): number {
    const chunk = Buffer.from(bytes);
    const steps = this.conversation.receive(chunk);
    let count = 0;
    while (steps.next().done !== true) count++;
    // What is kept must not be a view of the chunk.
    chunk.fill(0xee);
    return count;
  }

  /** Gives the conversation messages, all in one chunk. */
  say(...messages: ClientMessage[]): number {
    return this.receive(Buffer.concat(messages.map(encodeClient)));
  }

  greet(hello: ClientMessage = HELLO): void {
    this.receive(Buffer.concat([PREFACE, encodeClient(hello)]));
  }

  /** Greets, is welcomed, and forgets the WELCOME. */
  async open(standing: Partial<Standing> = {}): Promise<void> {
    this.greet();
    await this.desk.welcome(standing);
    this.answers();
  }

  /** What the central has said since the last call. */
  answers(): CentralMessage[] {
    return messagesOf(this.#decoder, [this.peer.take()]) as CentralMessage[];
  }

  /** What the central has said, in short. */
  heard(): string[] {
    return this.answers().map(inShort);
  }
}

export function batch(sequence: number, text = "line"): ClientMessage {
  return { kind: "batch", sequence, count: 1, lines: Buffer.from(text) };
}

export const done = (batches: number, bets = batches): ClientMessage & { kind: "done" } => ({
  kind: "done",
  batches,
  bets,
  head: Buffer.alloc(32, batches),
});

export function inShort(message: CentralMessage): string {
  switch (message.kind) {
    case "ack":
      return `ACK ${message.sequence}${message.done ? " done" : ""}`;
    case "reject":
      return `REJECT ${message.sequence} ${message.code}`;
    case "busy":
      return `BUSY ${message.sequence} ${message.retryAfterMs}`;
    case "drawn":
      return `DRAWN ${message.index}+${message.documents.length}/${message.total}`;
    case "error":
      return `ERROR ${message.code}${message.fatal ? "" : " not fatal"}`;
    case "pong":
      return `PONG ${message.token}`;
    case "challenge":
      return "CHALLENGE";
    case "sealed":
      return message.proof === undefined ? "SEALED" : `SEALED by ${message.proof.path.length}`;
    case "welcome":
      return `WELCOME ${message.nextSequence}`;
    default:
      return message satisfies never;
  }
}
