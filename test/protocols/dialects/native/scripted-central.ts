import { type Duplex, duplexPair } from "node:stream";
import type { AgencyId, Bet } from "../../../../src/lottery/bet.ts";
import { encodeLines } from "../../../../src/lottery/canonical-line.ts";
import type {
  AgencyDialer,
  AgencyLink,
  DialContext,
  OutgoingBatch,
} from "../../../../src/protocols/agency-link.ts";
import { createClientDecoder, owned } from "../../../../src/protocols/dialects/native/decode.ts";
import { createNativeDialer } from "../../../../src/protocols/dialects/native/dial.ts";
import { encodeCentral } from "../../../../src/protocols/dialects/native/encode.ts";
import type {
  CentralMessage,
  ClientMessage,
  Welcome,
} from "../../../../src/protocols/dialects/native/wire.ts";

export const ANSWER_TIMEOUT_MS = 5000;

export const WELCOME: Welcome = {
  kind: "welcome",
  draw: "1",
  state: "open",
  done: false,
  chainKnown: true,
  nextSequence: 1,
  bets: 0,
  head: Buffer.alloc(32),
  window: 64,
  frameBytesMax: 8192,
};

/** The other end of a dialled connection: hears messages, and says what the test tells it to. */
export class ScriptedCentral {
  readonly agencySide: Duplex;
  readonly centralSide: Duplex;
  readonly abort = new AbortController();
  /** Resolves when the agency has ended its side. */
  readonly ended: Promise<void>;
  readonly #dialer: AgencyDialer;
  readonly #decoder = createClientDecoder({ frameBytesMax: 8192 });
  readonly #heard: ClientMessage[] = [];
  #wake: () => void = () => undefined;

  /** @param options.deaf reads nothing until {@link listen} */
  constructor({ deaf = false, dialer = createNativeDialer() } = {}) {
    this.#dialer = dialer;
    [this.agencySide, this.centralSide] = duplexPair();
    this.ended = new Promise((resolve) => this.centralSide.on("end", () => resolve()));
    if (!deaf) this.listen();
  }

  listen(): void {
    this.centralSide.on("data", (chunk: Buffer) => {
      for (const decoded of this.#decoder.push(chunk)) {
        if (decoded.kind === "violation") throw decoded.error;
        this.#heard.push(owned(decoded.message));
      }
      this.#wake();
    });
  }

  /** Messages that have come and that no {@link hear} has taken. */
  get unheard(): number {
    return this.#heard.length;
  }

  async hear(): Promise<ClientMessage> {
    for (;;) {
      const message = this.#heard.shift();
      if (message !== undefined) return message;
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
  }

  /** Says messages in one chunk. */
  say(...messages: CentralMessage[]): void {
    this.sayBytes(Buffer.concat(messages.map(encodeCentral)));
  }

  sayBytes(bytes: Uint8Array): void {
    this.centralSide.write(bytes);
  }

  dial(context: Partial<DialContext> = {}): Promise<AgencyLink> {
    return this.#dialer.dial({
      agency: 1 as AgencyId,
      draw: "",
      connect: () => Promise.resolve(this.agencySide),
      answerTimeoutMs: ANSWER_TIMEOUT_MS,
      frameBytesMax: 8192,
      signal: this.abort.signal,
      ...context,
    });
  }

  /** Dials and is welcomed. */
  async open(welcome: Partial<Welcome> = {}): Promise<AgencyLink> {
    const dialled = this.dial();
    await this.hear();
    this.say({ ...WELCOME, ...welcome });
    return dialled;
  }
}

export function outgoing(sequence: number, count = 1): OutgoingBatch {
  const bets = Array.from(
    { length: count },
    (_, index): Bet => ({
      agency: 1 as AgencyId,
      firstName: "Santiago Lionel",
      lastName: "Lorca",
      document: String(30_000_000 + index),
      birthdate: "1999-03-17",
      number: 7574,
    }),
  );
  return { sequence, bets, lines: encodeLines(bets) };
}
