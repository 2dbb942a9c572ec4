import type { Conversation } from "../../conversation.ts";
import type { Counter, Purpose } from "../../counter.ts";
import type { ServeContext } from "../../dialect.ts";
import { admitted, Intake, recordDone } from "../../kit/intake.ts";
import { sendInParts } from "../../kit/send-in-parts.ts";
import {
  serveTurns,
  type Taken,
  type Turn,
  type TurnHost,
  type TurnTaker,
} from "../../kit/turns.ts";
import { ProtocolError } from "../../protocol-error.ts";
import { type ColonLinesClientDecoder, createColonLinesClientDecoder } from "./decode.ts";
import { encodeCentral, encodeWinners } from "./encode.ts";
import {
  type BatchMessage,
  type CentralMessage,
  type ClientMessage,
  SINGLE_BET_PAUSE_MS,
} from "./wire.ts";

/** The central's side of one colon-lines connection, in any version: docs/protocols/colon-lines.md. */
export function serveColonLines(context: ServeContext): Conversation<ClientMessage> {
  return new ColonLinesConversation(context);
}

/** Ends a line after which nothing came, so that the decoder gives it as a message. */
const MESSAGE_END = Buffer.from("\r\n");

/** Takes turns, and takes a line for a single bet when nothing follows it for a while. */
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

  get waitsFor(): Conversation["waitsFor"] {
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
    // A whole line is not taken for a single bet now: the sender of one would wait for the answer, and a
    // client that was killed within a batch ends like this too.
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

/** Handles and answers the messages of one connection. */
export class ColonLinesTaker implements TurnTaker<ClientMessage> {
  readonly decoder: ColonLinesClientDecoder;
  /** The next message is a single bet, although it looks like a batch of one. */
  single = false;
  readonly #context: ServeContext;
  readonly #intake: Intake;
  /** The sender of the first message: a connection belongs to one agency. */
  #agency: number | undefined;

  constructor(context: ServeContext, decoder: ColonLinesClientDecoder) {
    this.#context = context;
    this.#intake = new Intake("connection-start");
    this.decoder = decoder;
  }

  take(message: ClientMessage, host: TurnHost): Taken {
    const first = this.#agency === undefined;
    this.#agency ??= message.agency;
    if (this.#agency !== message.agency) throw unexpected("the first one has another sender");
    if (message.kind === "batch" && message.untyped && !first) throw unexpected("it has no type");
    const counter = admitted(this.#context, message.agency, purposeOf(message));
    if (counter === undefined) {
      return this.#answer(false, message.kind === "batch" && message.untyped);
    }
    // Not for single bets: many clients of exercise 5 may be the same agency at the same time.
    if (first && !this.single) host.hold(counter);
    switch (message.kind) {
      case "batch":
        return this.#register(counter, message, host);
      case "done":
        return this.#recordDone(counter, host.over);
      case "question":
        return this.#tellWinners(counter, host.over);
      default:
        return message satisfies never;
    }
  }

  refusal(): Uint8Array {
    return encodeCentral({ kind: "refused", untyped: this.single });
  }

  #register(counter: Counter, { count, lines, untyped }: BatchMessage, host: TurnHost): Taken {
    const { single } = this;
    return this.#intake.submit(counter, { count, lines, single }, host, (stored) =>
      this.#answer(stored, untyped),
    );
  }

  async #recordDone(counter: Counter, over: AbortSignal): Promise<Turn> {
    const recorded = await recordDone(counter, this.#context.clock, over);
    over.throwIfAborted();
    return this.#answer(recorded);
  }

  async #tellWinners(counter: Counter, over: AbortSignal): Promise<Turn> {
    const results = await counter.resultsNow();
    over.throwIfAborted();
    if (results === undefined) this.#send({ kind: "not-yet" });
    else await sendInParts(this.#context.peer, encodeWinners(results.winners), over);
    return "next";
  }

  /** After a refusal, and after a message without a type, the course's server ends the connection. */
  #answer(positive: boolean, untyped = false): Turn {
    this.#send({ kind: positive ? "taken" : "refused", untyped });
    return positive && !untyped ? "next" : "end";
  }

  #send(message: CentralMessage): void {
    this.#context.peer.send(encodeCentral(message));
  }
}

function unexpected(state: string): ProtocolError {
  return new ProtocolError("UNEXPECTED_MESSAGE", `Cannot take message: ${state}`);
}

function purposeOf(message: ClientMessage): Purpose {
  switch (message.kind) {
    case "batch":
      return { bets: message.count };
    case "done":
      return "register_done";
    case "question":
      return "query_winners";
    default:
      return message satisfies never;
  }
}
