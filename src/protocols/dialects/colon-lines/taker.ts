import type { AgencyId } from "../../../lottery/bet.ts";
import type { ServeContext } from "../../dialect.ts";
import { Intake, recordDone } from "../../kit/intake.ts";
import { ProtocolError } from "../../protocol-error.ts";
import { sendInParts } from "../../kit/send-in-parts.ts";
import {
  knownAgency,
  type Taken,
  type Turn,
  type TurnHost,
  type TurnTaker,
} from "../../kit/turns.ts";
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
    this.#intake = new Intake(context, "connection-start");
    this.decoder = decoder;
  }

  take(message: ClientMessage, host: TurnHost): Taken {
    const first = this.#agency === undefined;
    this.#agency ??= message.agency;
    if (this.#agency !== message.agency) throw unexpected("its sender is not that of the first");
    if (message.kind === "batch" && message.untyped && !first) throw unexpected("it has no type");
    // Single bets are alone: many agencies of exercise 5 may be the same one at the same time.
    return first && !this.single
      ? host.hold(message.agency).then(() => this.#hear(message, host))
      : this.#hear(message, host);
  }

  refusal(): Uint8Array {
    return encodeCentral({ kind: "refused", untyped: this.single });
  }

  #hear(message: ClientMessage, host: TurnHost): Taken {
    switch (message.kind) {
      case "batch":
        return this.#register(message, host);
      case "done":
        // The desk knows strangers, and tells the log of them.
        return this.#recordDone(message.agency as AgencyId, host.over);
      case "question":
        return this.#tellWinners(message.agency, host.over);
      default:
        return message satisfies never;
    }
  }

  #register({ agency, count, lines, untyped }: BatchMessage, host: TurnHost): Taken {
    const { single } = this;
    return this.#intake.submit({ agency, count, lines, single }, host, (stored) =>
      this.#answer(stored, untyped),
    );
  }

  async #recordDone(agency: AgencyId, over: AbortSignal): Promise<Turn> {
    const recorded = await recordDone(this.#context, agency, over);
    over.throwIfAborted();
    return this.#answer(recorded);
  }

  async #tellWinners(sender: number, over: AbortSignal): Promise<Turn> {
    const { desk, peer } = this.#context;
    const agency = knownAgency(this.#context, sender, "query_winners");
    if (agency === undefined) return this.#answer(false);
    const results = await desk.resultsNow(agency);
    over.throwIfAborted();
    if (results === undefined) {
      this.#send({ kind: "not-yet" });
    } else {
      await sendInParts(peer, encodeWinners(results.winners), over);
    }
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
