import type { Counter, Purpose } from "../../counter.ts";
import type { ServeContext } from "../../dialect.ts";
import { admitted, Intake, recordDone } from "../../kit/intake.ts";
import { ProtocolError } from "../../protocol-error.ts";
import { sendInParts } from "../../kit/send-in-parts.ts";
import type { Taken, Turn, TurnHost, TurnTaker } from "../../kit/turns.ts";
import type { ColonLinesClientDecoder } from "./decode.ts";
import { encodeCentral, encodeWinners } from "./encode.ts";
import type { BatchMessage, CentralMessage, ClientMessage } from "./messages.ts";

/** Does what the messages of one connection ask, and answers them. */
export class ColonLinesTaker implements TurnTaker<ClientMessage> {
  readonly dialect = "colon-lines";
  readonly decoder: ColonLinesClientDecoder;
  /** The line that comes next is a single bet, although it looks like a batch of one. */
  single = false;
  readonly #context: ServeContext;
  readonly #intake: Intake;
  /** The sender of the first message: a connection is one agency's. */
  #agency: number | undefined;

  constructor(context: ServeContext, decoder: ColonLinesClientDecoder) {
    this.#context = context;
    this.#intake = new Intake("connection-start");
    this.decoder = decoder;
  }

  take(message: ClientMessage, host: TurnHost): Taken {
    const first = this.#agency === undefined;
    this.#agency ??= message.agency;
    if (this.#agency !== message.agency) throw unexpected("its sender is not that of the first");
    if (message.kind === "batch" && message.untyped && !first) throw unexpected("it has no type");
    const counter = admitted(this.#context, message.agency, purposeOf(message));
    if (counter === undefined) {
      return this.#answer(false, message.kind === "batch" && message.untyped);
    }
    // Single bets are alone: many agencies of exercise 5 may be the same one at the same time.
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
