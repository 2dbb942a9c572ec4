import type { SteppedDecoder } from "../../codec.ts";
import type { Conversation } from "../../conversation.ts";
import type { Counter, Purpose } from "../../counter.ts";
import type { ServeContext } from "../../dialect.ts";
import { admitted, Intake, recordDone } from "../../kit/intake.ts";
import { ProtocolError } from "../../protocol-error.ts";
import { sendInParts } from "../../kit/send-in-parts.ts";
import {
  serveTurns,
  type Taken,
  type Turn,
  type TurnHost,
  type TurnTaker,
} from "../../kit/turns.ts";
import { createNewlineFieldsClientDecoder } from "./decode.ts";
import { encodeCentral, encodeWinners } from "./encode.ts";
import type { Batch, CentralMessage, ClientMessage } from "./wire.ts";

/** The central's side of one newline-fields connection: docs/protocols/newline-fields.md. */
export function serveNewlineFields(context: ServeContext): Conversation<ClientMessage> {
  return serveTurns(context, new NewlineFieldsTaker(context));
}

class NewlineFieldsTaker implements TurnTaker<ClientMessage> {
  readonly decoder: SteppedDecoder<ClientMessage>;
  readonly #context: ServeContext;
  readonly #intake: Intake;
  #spoken = false;
  /** The counter of the first agency that is named: the connection belongs to this agency. */
  #counter: Counter | undefined;

  constructor(context: ServeContext) {
    this.#context = context;
    this.#intake = new Intake("connection-start");
    this.decoder = createNewlineFieldsClientDecoder({
      frameBytesMax: context.limits.courseFrameBytesMax,
    });
  }

  take(message: ClientMessage, host: TurnHost): Taken {
    switch (message.kind) {
      case "batch":
        return this.#register(message, host);
      case "confirmation":
        return this.#confirm(message.agency, host);
      case "question":
        return this.#tellWinners(message.agency, host);
      case "unreadable":
        this.#answer({ kind: "unreadable" });
        throw new ProtocolError("MALFORMED", "Cannot decode message: it is not UTF-8");
      default:
        return message satisfies never;
    }
  }

  #register(batch: Batch, host: TurnHost): Taken {
    const { typed, count } = batch;
    if (!typed && this.#spoken) {
      throw new ProtocolError(
        "UNEXPECTED_MESSAGE",
        "Cannot take bets without type: another message came first",
      );
    }
    this.#spoken = true;
    // A client sends an empty batch when its number of bets is 0 or a multiple of its batch size.
    if (count === 0) return this.#answer({ kind: "stored" });
    const counter = this.#counterFor(batch, host);
    if (counter === undefined) return this.#end(batch, false);
    return this.#intake.submit(counter, batch, host, (stored) => this.#end(batch, stored));
  }

  /** A single bet is a run of its own, so its connection does not become the agency's only one. */
  #counterFor({ single, agency, count }: Batch, host: TurnHost): Counter | undefined {
    const wants = { bets: count };
    if (this.#counter !== undefined) return this.#counter;
    return single ? admitted(this.#context, agency, wants) : this.#become(agency, wants, host);
  }

  #end({ typed, readable }: Batch, stored: boolean): Turn {
    if (stored) this.#answer({ kind: "stored" });
    else if (!readable) this.#answer({ kind: "unreadable" });
    return stored && typed ? "next" : "end";
  }

  async #confirm(agency: number, host: TurnHost): Promise<Turn> {
    const counter = this.#identify(agency, "register_done", host);
    if (counter === undefined) return "end";
    const recorded = await recordDone(counter, this.#context.clock, host.over);
    host.over.throwIfAborted();
    return recorded ? this.#answer({ kind: "noted" }) : "end";
  }

  async #tellWinners(agency: number, host: TurnHost): Promise<Turn> {
    const counter = this.#identify(agency, "query_winners", host);
    if (counter === undefined) return "end";
    const { winners } = await counter.results(host.over);
    await sendInParts(this.#context.peer, encodeWinners(winners), host.over);
    return "end";
  }

  /** @returns undefined when the draw has no such agency: the dialect has no answer for that */
  #identify(agency: number, wants: Purpose, host: TurnHost): Counter | undefined {
    this.#spoken = true;
    const counter = this.#counter ?? this.#become(agency, wants, host);
    if (counter === undefined || counter.agency === agency) return counter;
    throw new ProtocolError(
      "UNEXPECTED_MESSAGE",
      "Cannot take message: it names another agency than the connection's first",
    );
  }

  #become(agency: number, wants: Purpose, host: TurnHost): Counter | undefined {
    const counter = admitted(this.#context, agency, wants);
    if (counter === undefined) return undefined;
    this.#counter = counter;
    host.hold(counter);
    return counter;
  }

  #answer(message: CentralMessage): Turn {
    this.#context.peer.send(encodeCentral(message));
    return "next";
  }
}
