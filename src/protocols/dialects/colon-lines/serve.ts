import type { Awaiting, Conversation } from "../../conversation.ts";
import type { ServeContext } from "../../dialect.ts";
import { serveTurns } from "../../kit/turns.ts";
import { type ColonLinesClientDecoder, createColonLinesClientDecoder } from "./decode.ts";
import { SINGLE_BET_PAUSE_MS } from "./layout.ts";
import { ColonLinesTaker } from "./taker.ts";

/** The central's side of one colon-lines connection, in any version: docs/protocols/colon-lines.md. */
export function serveColonLines(context: ServeContext): Conversation {
  return new ColonLinesConversation(context);
}

/** What turns a line that ended, and behind which nothing came, into a whole message. */
const MESSAGE_END = Buffer.from("\r\n");

/** Taking turns, and noticing by the silence behind it that a line is a single bet. */
class ColonLinesConversation implements Conversation {
  readonly #context: ServeContext;
  readonly #decoder: ColonLinesClientDecoder;
  readonly #taker: ColonLinesTaker;
  readonly #turns: Conversation;
  #cancelPause: (() => void) | undefined;

  constructor(context: ServeContext) {
    this.#context = context;
    this.#decoder = createColonLinesClientDecoder(context.limits);
    this.#taker = new ColonLinesTaker(context, this.#decoder);
    this.#turns = serveTurns(context, this.#taker);
  }

  get occupied(): boolean {
    return this.#turns.occupied === true;
  }

  get awaiting(): Awaiting {
    return this.#turns.awaiting;
  }

  receive(chunk: Uint8Array): Iterator<void> {
    // Now, not at the first step: that may come late, and something did follow the line.
    this.#cancelPause?.();
    return this.#receive(chunk);
  }

  retain(): void {
    this.#decoder.retain();
  }

  ended(): void {
    // A line that ended is no single bet then: its sender would wait for the answer, whereas one that
    // was killed within a batch ends so too.
    this.#cancelPause?.();
    this.#turns.ended();
  }

  stopping(): void {
    this.#cancelPause?.();
    this.#turns.stopping();
  }

  closed(): void {
    this.#cancelPause?.();
    this.#turns.closed();
  }

  *#receive(chunk: Uint8Array): Generator<void, void> {
    const steps = this.#turns.receive(chunk);
    while (steps.next().done !== true) yield;
    if (!this.#decoder.lineEnded) return;
    this.#cancelPause = this.#context.clock.after(SINGLE_BET_PAUSE_MS, () => this.#takeSingle());
  }

  #takeSingle(): void {
    this.#taker.single = true;
    const steps = this.#turns.receive(MESSAGE_END);
    while (steps.next().done !== true) continue;
  }
}
