import assert from "node:assert/strict";
import { channelBindingOf } from "../../../src/identity/channel-binding.ts";
import { proofOf } from "../../../src/identity/token.ts";
import type { AgencyId, Bet } from "../../../src/lottery/bet.ts";
import { encodeLines } from "../../../src/lottery/canonical-line.ts";
import { FIRST_HEAD, nextHead } from "../../../src/lottery/chain.ts";
import { encodeClient } from "../../../src/protocols/dialects/native/encode.ts";
import {
  type CentralMessage,
  type ClientMessage,
  PREFACE,
} from "../../../src/protocols/dialects/native/wire.ts";
import { decoderFor, messagesOf } from "../../protocols/dialects/native/codec.ts";
import { inShort } from "../../protocols/dialects/native/served.ts";
import { until } from "../../support/turns.ts";
import type { TlsPeer } from "./tls-peer.ts";

export function helloOf(agency: number, draw = ""): Buffer {
  const credentials = Buffer.alloc(0);
  return Buffer.concat([PREFACE, encodeClient({ kind: "hello", agency, draw, credentials })]);
}

/** An agency that speaks quiniela/1 over TLS, and numbers its batches. */
export class NativeTalk {
  readonly peer: TlsPeer;
  readonly agency: AgencyId;
  readonly #decoder = decoderFor("central");
  readonly #heard: CentralMessage[] = [];
  #taken = 0;
  #batches = 0;
  #bets = 0;
  #head: Uint8Array = FIRST_HEAD;

  constructor(peer: TlsPeer, agency: number) {
    this.peer = peer;
    this.agency = agency as AgencyId;
    const take = (chunk: Buffer): void => {
      this.#heard.push(...(messagesOf(this.#decoder, [chunk]) as CentralMessage[]));
    };
    // What came before is kept by the peer.
    if (peer.received.length > 0) take(peer.received);
    peer.socket.on("data", take);
  }

  say(message: ClientMessage): void {
    this.peer.write(encodeClient(message));
  }

  hello(draw?: string): void {
    this.peer.write(helloOf(this.agency, draw));
  }

  batch(...bets: readonly Bet[]): void {
    const lines = encodeLines(bets);
    this.#batches++;
    this.#bets += bets.length;
    this.#head = nextHead(this.#head, this.#batches, bets.length, lines);
    this.say({ kind: "batch", sequence: this.#batches, count: bets.length, lines });
  }

  done(): void {
    const [batches, bets, head] = [this.#batches, this.#bets, this.#head];
    this.say({ kind: "done", batches, bets, head });
  }

  /** The next message of the central; undefined when the connection ends before. */
  async next(): Promise<CentralMessage | undefined> {
    await until(() => this.#heard.length > this.#taken || this.peer.over);
    return this.#heard[this.#taken++];
  }

  /** The next message, in short. */
  async hears(): Promise<string> {
    const message = await this.next();
    return message === undefined ? "the end" : inShort(message);
  }

  /** All messages up to the end of the connection, in short. */
  async toTheEnd(): Promise<string[]> {
    const all: string[] = [];
    for (;;) {
      const message = await this.hears();
      if (message === "the end") return all;
      all.push(message);
    }
  }
}

/** The proof that a connection's agency has this token. */
export function proofFor(
  { peer, agency }: NativeTalk,
  token: string,
  challenge: Uint8Array,
  draw = "",
): Uint8Array {
  const channelBinding = channelBindingOf(peer.socket);
  assert.ok(channelBinding !== undefined);
  return proofOf(token, { challenge, channelBinding, agency, draw });
}

/** Says HELLO, and returns the challenge that comes. */
export async function challengeOf(talk: NativeTalk, draw?: string): Promise<Uint8Array> {
  talk.hello(draw);
  const message = await talk.next();
  assert.equal(message?.kind, "challenge");
  return Buffer.from(message.challenge);
}

/** Greets with a token, and is welcomed. */
export async function talkByToken(peer: TlsPeer, token: string, agency = 1): Promise<NativeTalk> {
  const talk = new NativeTalk(peer, agency);
  const challenge = await challengeOf(talk);
  talk.say({ kind: "proof", proof: proofFor(talk, token, challenge) });
  assert.match(await talk.hears(), /^WELCOME /);
  return talk;
}
