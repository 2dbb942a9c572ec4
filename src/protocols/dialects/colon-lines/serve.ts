import type { Conversation } from "../../conversation.ts";
import type { ServeContext } from "../../dialect.ts";
import { serveTurns } from "../../kit/turns.ts";
import type { ProtocolError } from "../../protocol-error.ts";
import { type ColonLinesClientDecoder, createColonLinesClientDecoder } from "./decode.ts";
import { SINGLE_BET_PAUSE_MS } from "./layout.ts";
import type { ClientMessage } from "./messages.ts";
import { ColonLinesTaker } from "./taker.ts";

/** The central's side of one colon-lines connection, in any version: docs/protocols/colon-lines.md. */
export function serveColonLines(context: ServeContext): Conversation<ClientMessage> {
  return new ColonLinesConversation(context);
}

/** What turns a line that ended, and behind which nothing came, into a whole message. */
const MESSAGE_END = Buffer.from("\r\n");

/** Taking turns, and noticing by the silence behind it that a line is a single bet. */
class ColonLinesConversation implements Conversation<ClientMessage> {
  readonly decoder: ColonLinesClientDecoder;
  readonly #context: ServeContext;
  readonly #taker: ColonLinesTaker;
  readonly #turns: Conversation<ClientMessage>;
  #cancelPause: (() => void) | undefined;

  constructor(context: ServeContext) {
    this.#context = context;
    this.decoder = createColonLinesClientDecoder(context.limits);
    this.#taker = new ColonLinesTaker(context, this.decoder);
    this.#turns = serveTurns(context, this.#taker);
  }

  get occupied(): boolean {
    return this.#turns.occupied;
  }

  get waitsFor(): "message" | "central" {
    return this.#turns.waitsFor;
  }

  take(message: ClientMessage): void {
    this.#turns.take(message);
  }

  violated(error: ProtocolError): void {
    this.#turns.violated(error);
  }

  stirred(): void {
    this.#cancelPause?.();
  }

  quiet(): void {
    if (!this.decoder.lineEnded) return;
    this.#cancelPause = this.#context.clock.after(SINGLE_BET_PAUSE_MS, () => this.#takeSingle());
  }

  ended(truncated: ProtocolError | undefined): void {
    // A line that ended is no single bet then: its sender would wait for the answer, whereas one that
    // was killed within a batch ends so too.
    this.#cancelPause?.();
    this.#turns.ended(truncated);
  }

  stopping(): void {
    this.#cancelPause?.();
    this.#turns.stopping();
  }

  closed(): void {
    this.#cancelPause?.();
    this.#turns.closed();
  }

  #takeSingle(): void {
    this.#taker.single = true;
    for (const decoded of this.decoder.push(MESSAGE_END)) {
      if (decoded.kind === "message") this.take(decoded.message);
      else this.violated(decoded.error);
    }
  }
}
