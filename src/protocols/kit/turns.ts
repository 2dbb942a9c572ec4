import type { SteppedDecoder } from "../codec.ts";
import type { Conversation } from "../conversation.ts";
import type { Counter } from "../counter.ts";
import type { ServeContext } from "../dialect.ts";
import { ProtocolError } from "../protocol-error.ts";

/** Whether the conversation goes on after a message, or ends with its answer. */
export type Turn = "next" | "end";

/** `due`: the answer is still to be found, and {@link TurnHost.answered} told then. */
export type Taken = Turn | "due" | Promise<Turn | "due">;

/** The conversation, as who takes its messages sees it. */
export interface TurnHost {
  readonly isOver: boolean;
  /** Aborted when the conversation is over: for what may wait long. */
  readonly over: AbortSignal;
  /** Makes the connection its agency's only one; the conversation ends when a newer one takes over. */
  hold(counter: Counter): void;
  /** The answer that was due has been sent. */
  answered(turn: Turn): void;
  /** There will be none: the conversation ends because of this. */
  failed(error: unknown): void;
}

/** A dialect in which peers take turns: a message, then its answer, then the next message. */
export interface TurnTaker<Message> {
  /** The dialect's name, for the log. */
  readonly dialect: string;
  readonly decoder: SteppedDecoder<Message>;
  /**
   * Does what a message asks and sends the answer. The next message is decoded only once this is
   * over: what the decoder owns of this one stays until then. Views of the chunk itself last no longer
   * than the call.
   *
   * @throws ProtocolError when the message may not come here; the reason of `host.over`
   */
  take(message: Message, host: TurnHost): Taken;
  /** What to tell a peer before the end because of `error`, if the dialect has a word for it. */
  refusal?(error: ProtocolError): Uint8Array | undefined;
}

/** The central's side of a connection whose peers take turns. */
export function serveTurns<Message>(
  context: ServeContext,
  taker: TurnTaker<Message>,
): Conversation<Message> {
  return new TurnConversation(context, taker);
}

class TurnConversation<Message> implements Conversation<Message>, TurnHost {
  readonly decoder: SteppedDecoder<Message>;
  readonly #context: ServeContext;
  readonly #taker: TurnTaker<Message>;
  /** Made when something may wait long: most connections never need it. */
  #ending: AbortController | undefined;
  readonly #proceed = (): void => this.#context.peer.proceed();
  #answerDue = false;
  #peerEnded = false;
  #over = false;

  constructor(context: ServeContext, taker: TurnTaker<Message>) {
    this.#context = context;
    this.#taker = taker;
    this.decoder = taker.decoder;
  }

  get occupied(): boolean {
    return this.#answerDue;
  }

  get waitsFor(): "message" | "central" {
    return this.#over ? "central" : "message";
  }

  take(message: Message): void {
    if (this.#over) return;
    // Before: the answer may be found, and told, within the call.
    this.#answerDue = true;
    try {
      const taken = this.#taker.take(message, this);
      if (typeof taken !== "string") void this.#await(taken);
      else if (taken !== "due") this.#answerDue = false;
      if (taken === "end") this.#finish();
    } catch (error) {
      this.failed(error);
    }
  }

  violated(error: ProtocolError): void {
    if (this.#over) return;
    const { peer } = this.#context;
    const { code, message } = error;
    const { dialect } = this.#taker;
    peer.log("warning", {
      action: "protocol_violation",
      result: "fail",
      dialect,
      code,
      error: message,
    });
    const refusal = this.#taker.refusal?.(error);
    if (refusal !== undefined) peer.send(refusal);
    this.#finish();
  }

  ended(truncated: ProtocolError | undefined): void {
    if (this.#over) return;
    if (truncated !== undefined && !this.#answerDue) this.violated(truncated);
    this.#peerEnded = true;
    if (!this.#answerDue) this.#finish();
  }

  stopping(): void {
    this.closed();
  }

  closed(): void {
    this.#over = true;
    this.#ending?.abort();
  }

  // The conversation as its taker sees it.

  get isOver(): boolean {
    return this.#over;
  }

  get over(): AbortSignal {
    this.#ending ??= new AbortController();
    if (this.#over) this.#ending.abort();
    return this.#ending.signal;
  }

  hold(counter: Counter): void {
    counter.hold(() => this.#finish());
  }

  answered(turn: Turn): void {
    this.#answerDue = false;
    if (this.#over) return;
    if (turn === "end" || this.#peerEnded) this.#finish();
    // Not at once: who settles a group of batches is not to be given the next ones meanwhile.
    else queueMicrotask(this.#proceed);
  }

  failed(error: unknown): void {
    this.#answerDue = false;
    this.#fail(error);
  }

  async #await(taken: Exclude<Taken, string>): Promise<void> {
    try {
      const turn = await taken;
      if (turn !== "due") this.answered(turn);
    } catch (error) {
      this.failed(error);
    }
  }

  #fail(error: unknown): void {
    if (this.#over) return;
    if (error instanceof ProtocolError) {
      this.violated(error);
      return;
    }
    // The central has failed us: storage broke, or the central stops. It tells that itself.
    const known = error instanceof Error && "code" in error;
    this.#context.peer.log(known ? "debug" : "error", {
      action: "serve",
      result: "fail",
      dialect: this.#taker.dialect,
      error: error instanceof Error ? error.message : String(error),
    });
    this.#finish();
  }

  #finish(): void {
    if (this.#over) return;
    this.closed();
    this.#context.peer.end();
  }
}
