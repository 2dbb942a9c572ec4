import type { SteppedDecoder } from "../../codec.ts";
import type { Conversation } from "../../conversation.ts";
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
import { createTlvClientDecoder } from "./decode.ts";
import { encodeCentral, encodeWinners } from "./encode.ts";
import {
  type Batch,
  BATCH_REFUSED_TEXT,
  type CentralMessage,
  type ClientMessage,
  UNKNOWN_AGENCY_TEXT,
} from "./wire.ts";

/** The central's side of one tlv connection: docs/protocols/tlv.md. */
export function serveTlv(context: ServeContext): Conversation<ClientMessage> {
  return serveTurns(context, new TlvTaker(context));
}

const OK: CentralMessage = { kind: "ok" };
const BATCH_REFUSED: CentralMessage = { kind: "refused", text: BATCH_REFUSED_TEXT };
const UNKNOWN_AGENCY: CentralMessage = { kind: "refused", text: UNKNOWN_AGENCY_TEXT };

class TlvTaker implements TurnTaker<ClientMessage> {
  readonly decoder: SteppedDecoder<ClientMessage>;
  readonly #context: ServeContext;
  readonly #intake: Intake;

  constructor(context: ServeContext) {
    this.#context = context;
    this.#intake = new Intake("connection-start");
    this.decoder = createTlvClientDecoder({ frameBytesMax: context.limits.courseFrameBytesMax });
  }

  take(message: ClientMessage, host: TurnHost): Taken {
    switch (message.kind) {
      case "batch":
        return this.#register(message, host);
      case "empty-batch":
        this.#context.peer.refused();
        return this.#answer(BATCH_REFUSED);
      case "done":
        return this.#done(message.agency, host.over);
      case "question":
        return this.#question(message.agency, host.over);
      case "close":
        return "end";
      default:
        return message satisfies never;
    }
  }

  #register(batch: Batch, host: TurnHost): Taken {
    const { single, agency, count } = batch;
    const end = (stored: boolean): Turn => {
      this.#answer(stored ? OK : BATCH_REFUSED);
      return single ? "end" : "next";
    };
    const counter = admitted(this.#context, agency, { bets: count });
    return counter === undefined ? end(false) : this.#intake.submit(counter, batch, host, end);
  }

  async #done(agency: number, signal: AbortSignal): Promise<Turn> {
    const counter = admitted(this.#context, agency, "register_done");
    if (counter === undefined) return this.#answer(UNKNOWN_AGENCY);
    const recorded = await recordDone(counter, this.#context.clock, signal);
    return this.#answer(recorded ? OK : UNKNOWN_AGENCY);
  }

  async #question(agency: number, signal: AbortSignal): Promise<Turn> {
    const counter = admitted(this.#context, agency, "query_winners");
    if (counter === undefined) return this.#answer(UNKNOWN_AGENCY);
    const results = await counter.resultsNow();
    if (results === undefined) return this.#answer({ kind: "not-yet" });
    // In one piece if it is not too long, because the course's client reads it so.
    await sendInParts(this.#context.peer, encodeWinners(results.winners), signal);
    return "next";
  }

  #answer(message: CentralMessage): Turn {
    this.#context.peer.send(encodeCentral(message));
    return "next";
  }
}
