import { type Duplex, duplexPair } from "node:stream";
import type {
  AgencyDialer,
  AgencyLink,
  Connect,
  DialContext,
} from "../../src/protocols/agency-link.ts";
import type { Decoder } from "../../src/protocols/codec.ts";
import { startTimer, type StartTimer } from "../../src/protocols/timers.ts";
import { FakeClock } from "../support/fake-clock.ts";
import { dialContext } from "./dial-context.ts";
import { turn } from "./scripted-desk.ts";
import { owned } from "./seen.ts";

export const ANSWER_TIMEOUT_MS = 5000;

/** What the central does with a message: says pieces, ends or breaks the connection, or does nothing. */
export type Reply =
  | readonly (string | Uint8Array)[]
  | { readonly says: readonly (string | Uint8Array)[]; readonly after?: "end" | "break" }
  | "end"
  | "break"
  | "silence";

/** Given the bytes of the message, and on which connection it came, from 0. */
export type Replying = (asked: Buffer, connection: number) => Reply;

/** One connection that an agency made. */
export interface HeardConnection {
  /** Everything that it said. */
  bytes: Buffer;
  /** Whole messages, in order. */
  readonly messages: Buffer[];
  /** Bytes of each write. */
  readonly writes: number[];
  ended: boolean;
  readonly agencySide: Duplex;
  readonly centralSide: Duplex;
}

export interface HearingDecoder<Heard> extends Decoder<Heard> {
  /** What has come is a message if nothing follows. */
  readonly lineEnded?: boolean;
}

export interface FakeCentralParts<Heard extends object, Said> {
  /** Of what agencies say. */
  readonly createDecoder: () => HearingDecoder<Heard>;
  /** Of what it says, where a test says messages. */
  readonly encode?: (message: Said) => Uint8Array;
  /** The agency's side; others can be dialled. */
  readonly dialer?: AgencyDialer;
  /** Answers each message; without it the test says everything itself. */
  readonly reply?: Replying;
  /** Reads nothing until {@link FakeCentral.listen}. */
  readonly deaf?: boolean;
}

/**
 * The other end of what an agency dials, in any dialect: hears messages, and says what a test tells it to.
 * Time passes for the agency when the test says so.
 */
export class FakeCentral<Heard extends object = object, Said = never> {
  readonly clock = new FakeClock();
  /** For dialers. */
  readonly timer: StartTimer = (callback, delayMs) => this.clock.after(delayMs, callback);
  readonly abort = new AbortController();
  /** In the order in which they were made. */
  readonly heard: HeardConnection[] = [];
  /** Turns connections away. */
  absent = false;
  readonly #parts: FakeCentralParts<Heard, Said>;
  readonly #untaken: Heard[] = [];
  /** Of the next connection: a test may end it, or say something, before it is made. */
  #next: readonly [Duplex, Duplex] = duplexPair();
  #wake: () => void = () => undefined;

  constructor(parts: FakeCentralParts<Heard, Said>) {
    this.#parts = parts;
  }

  /** Everything that the agency has said, a connection at a time. */
  get bytes(): Buffer[] {
    return this.heard.map(({ bytes }) => bytes);
  }

  /** The same as text. */
  get texts(): string[] {
    return this.bytes.map(String);
  }

  /** The newest connection. */
  get last(): HeardConnection {
    const last = this.heard.at(-1);
    if (last === undefined) throw new Error("Nobody has connected to the fake central");
    return last;
  }

  /** Of the newest connection, or of the one to come. */
  get agencySide(): Duplex {
    return this.heard.at(-1)?.agencySide ?? this.#next[0];
  }

  get centralSide(): Duplex {
    return this.heard.at(-1)?.centralSide ?? this.#next[1];
  }

  /** Connections that the agency has not let go of. */
  get openCount(): number {
    return this.heard.filter(({ agencySide }) => !agencySide.destroyed).length;
  }

  /** Connections that the agency has ended. */
  get endedCount(): number {
    return this.heard.filter(({ ended }) => ended).length;
  }

  get context(): DialContext {
    return {
      ...dialContext(this.connect, 1, this.abort.signal),
      answerTimeoutMs: ANSWER_TIMEOUT_MS,
    };
  }

  dial(
    context: Partial<DialContext> = {},
    dialer: AgencyDialer | undefined = this.#parts.dialer,
  ): Promise<AgencyLink> {
    if (dialer === undefined) throw new Error("The fake central does not know who dials it");
    return dialer.dial({ ...this.context, ...context });
  }

  readonly connect: Connect = async () => {
    if (this.absent) throw new Error("nobody listens");
    const [agencySide, centralSide] = this.#next;
    this.#next = duplexPair();
    const connection = { bytes: Buffer.alloc(0), messages: [], writes: [], ended: false };
    this.heard.push({ ...connection, agencySide, centralSide });
    if (this.#parts.deaf !== true) this.listen();
    return agencySide;
  };

  /** Begins to read the newest connection. */
  listen(): void {
    const connection = this.last;
    const index = this.heard.length - 1;
    const { centralSide } = connection;
    const decoder = this.#parts.createDecoder();
    let asked: Buffer = Buffer.alloc(0);
    centralSide.on("data", (chunk: Buffer) => {
      connection.writes.push(chunk.length);
      connection.bytes = Buffer.concat([connection.bytes, chunk]);
      asked = Buffer.concat([asked, chunk]);
      if (this.#take(decoder, chunk)) {
        connection.messages.push(asked);
        this.#answer(connection, asked, index);
        asked = Buffer.alloc(0);
      }
      this.#wake();
    });
    centralSide.on("end", () => {
      connection.ended = true;
      centralSide.end();
      this.#wake();
    });
  }

  /** The next message that has come and was not taken. */
  async hear(): Promise<Heard> {
    for (;;) {
      const message = this.#untaken.shift();
      if (message !== undefined) return message;
      await this.#moved();
    }
  }

  /** Messages that {@link hear} has not taken. */
  get unheard(): number {
    return this.#untaken.length;
  }

  /** Says messages on the newest connection, in one write. */
  say(...messages: readonly Said[]): void {
    const { encode } = this.#parts;
    if (encode === undefined) throw new Error("The fake central does not know how to say messages");
    this.centralSide.write(Buffer.concat(messages.map(encode)));
  }

  /** Writes pieces on the newest connection once nothing moves any more, and waits for that again. */
  async write(...pieces: readonly (string | Uint8Array)[]): Promise<void> {
    await this.settled();
    for (const piece of pieces) {
      this.last.centralSide.write(piece);
      await turn();
    }
    await this.settled();
  }

  /** Writes pieces once so many bytes, in all, have come on the newest connection. */
  async writeAfter(bytes: number, ...pieces: readonly (string | Uint8Array)[]): Promise<void> {
    while (this.last.bytes.length < bytes) await this.#moved();
    for (const piece of pieces) {
      this.last.centralSide.write(piece);
      await turn();
    }
  }

  /** Ends the newest connection. */
  async end(): Promise<void> {
    await this.settled();
    this.last.centralSide.end();
    await this.settled();
  }

  /** The newest connection breaks. */
  cut(): void {
    this.last.agencySide.destroy();
  }

  /** Resolves when the agency has ended its side of the newest connection. */
  async untilEnded(): Promise<void> {
    while (!this.last.ended) await this.#moved();
  }

  async settled(): Promise<void> {
    for (let turns = 0; turns < 4; turns++) await turn();
  }

  /** @returns whether a message is whole now */
  #take(decoder: HearingDecoder<Heard>, chunk: Buffer): boolean {
    const { reply, encode } = this.#parts;
    let whole = false;
    for (const decoded of decoder.push(chunk)) {
      if (decoded.kind === "violation") {
        // Where the test counts bytes, what they are is its own affair.
        if (reply === undefined && encode === undefined) return false;
        throw decoded.error;
      }
      this.#untaken.push(owned(decoded.message));
      whole = true;
    }
    return whole || decoder.lineEnded === true;
  }

  #answer(connection: HeardConnection, asked: Buffer, index: number): void {
    const reply = this.#parts.reply?.(asked, index) ?? "silence";
    const { agencySide, centralSide } = connection;
    const after = typeof reply === "string" ? reply : "after" in reply ? reply.after : undefined;
    const says = typeof reply === "string" ? [] : "says" in reply ? reply.says : reply;
    for (const piece of says) centralSide.write(piece);
    if (after === "end") centralSide.end();
    if (after === "break") agencySide.destroy(new Error("reset by peer"));
  }

  async #moved(): Promise<void> {
    await new Promise<void>((resolve) => {
      this.#wake = resolve;
    });
  }
}

/** Node's timers, but pauses between questions are over at once. @param pauses gets one for each */
export function hurried(pauseMs: number, pauses: number[] = []): StartTimer {
  return (callback, delayMs) => {
    if (delayMs !== pauseMs) return startTimer(callback, delayMs);
    pauses.push(delayMs);
    return startTimer(callback, 0);
  };
}
