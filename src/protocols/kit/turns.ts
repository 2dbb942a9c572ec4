import type { SteppedDecoder } from "../codec.ts";
import type { Conversation } from "../conversation.ts";
import type { Counter } from "../counter.ts";
import type { ServeContext } from "../dialect.ts";
import { ProtocolError } from "../protocol-error.ts";

/** Whether the conversation goes on after a message, or ends with its answer. */
export type Turn = "next" | "end";

/** `due`: the answer comes later, and {@link TurnHost.answered} is called then. */
export type Taken = Turn | "due" | Promise<Turn | "due">;

/** The conversation, as a {@link TurnTaker} sees it. */
export interface TurnHost {
  readonly isOver: boolean;
  /** Aborted when the conversation is over: for work that may wait long. */
  readonly over: AbortSignal;
  /** Makes the connection its agency's only one; the conversation ends when a newer one takes over. */
  hold(counter: Counter): void;
  /** The due answer was sent. */
  answered(turn: Turn): void;
  /** The due answer will not come: the conversation ends because of this error. */
  failed(error: unknown): void;
}

/** A dialect in which peers take turns: a message, then its answer, then the next message. */
export interface TurnTaker<Message> {
  readonly decoder: SteppedDecoder<Message>;
  /**
   * Does what a message asks and sends the answer. The next message is decoded only after the answer: until
   * then bytes in the decoder's own memory stay. Views of the chunk are valid only during the call.
   *
   * @throws ProtocolError when the message may not come here; the reason of `host.over`
   */
  take(message: Message, host: TurnHost): Taken;
  /** What to send to the peer before the end because of `error`, if the dialect has a message for it. */
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
  /** Made when `over` is first used: most connections never need it. */
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
    // Set it before the call: the answer may be sent within the call.
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
    peer.report({ kind: "protocol-violated", code, error: message });
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

  // Called by the taker.

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
    // Not now: the store may be settling a group of batches, and must not get the next ones meanwhile.
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
    // Expected errors have a code: storage failed or the central stops, which the central logs itself, or a
    // later batch has come.
    const expected = error instanceof Error && "code" in error;
    const text = error instanceof Error ? error.message : String(error);
    this.#context.peer.report({ kind: "conversation-failed", error: text, expected });
    this.#finish();
  }

  #finish(): void {
    if (this.#over) return;
    this.closed();
    this.#context.peer.end();
  }
}
