import type { AgencyId } from "../../../lottery/bet.ts";
import type { Conversation } from "../../desk.ts";
import type { ServeContext } from "../../dialect.ts";
import type { ChunkDecoder } from "../../kit/frame-decoder.ts";
import { Intake, recordDone } from "../../kit/intake.ts";
import { ProtocolError } from "../../protocol-error.ts";
import { sendInParts } from "../../kit/send-in-parts.ts";
import {
  knownAgency,
  serveTurns,
  type Taken,
  type Turn,
  type TurnHost,
  type TurnTaker,
} from "../../kit/turns.ts";
import { createNewlineFieldsClientDecoder } from "./decode.ts";
import { encodeCentral, encodeWinners } from "./encode.ts";
import { DIALECT } from "./layout.ts";
import type { Batch, CentralMessage, ClientMessage } from "./messages.ts";

/** The central's side of one newline-fields connection: docs/protocols/newline-fields.md. */
export function serveNewlineFields(context: ServeContext): Conversation {
  return serveTurns(context, new NewlineFieldsTaker(context));
}

class NewlineFieldsTaker implements TurnTaker<ClientMessage> {
  readonly dialect = DIALECT;
  readonly decoder: ChunkDecoder<ClientMessage>;
  readonly #context: ServeContext;
  readonly #intake: Intake;
  #spoken = false;
  /** The first one that is named on a connection: it is that one's. */
  #agency: AgencyId | undefined;

  constructor(context: ServeContext) {
    this.#context = context;
    this.#intake = new Intake(context, "connection-start");
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
    const { typed, single, count } = batch;
    if (!typed && this.#spoken) {
      throw new ProtocolError(
        "UNEXPECTED_MESSAGE",
        "Cannot take bets without type: others came first",
      );
    }
    this.#spoken = true;
    // What a client sends whose number of bets is a multiple of its batch size, or 0.
    if (count === 0) return this.#answer({ kind: "stored" });
    // A bet by itself is a run of its own: nothing of its agency's can mix with it.
    return single || this.#agency !== undefined
      ? this.#submit(batch, host)
      : this.#becomeAgency(batch.agency, host).then(() => this.#submit(batch, host));
  }

  #submit({ typed, single, count, lines, readable, agency: named }: Batch, host: TurnHost): Taken {
    const agency = this.#agency ?? named;
    return this.#intake.submit({ agency, count, lines, single }, host, (stored) => {
      if (stored) this.#answer({ kind: "stored" });
      else if (!readable) this.#answer({ kind: "unreadable" });
      return stored && typed ? "next" : "end";
    });
  }

  async #confirm(number: number, host: TurnHost): Promise<Turn> {
    const agency = await this.#identify(number, "register_done", host);
    if (agency === undefined) return "end";
    const recorded = await recordDone(this.#context, agency, host.over);
    host.over.throwIfAborted();
    return recorded ? this.#answer({ kind: "noted" }) : "end";
  }

  async #tellWinners(number: number, host: TurnHost): Promise<Turn> {
    const agency = await this.#identify(number, "query_winners", host);
    if (agency === undefined) return "end";
    const { desk, peer } = this.#context;
    const { winners } = await desk.results(agency, host.over, peer);
    await sendInParts(peer, encodeWinners(winners), host.over);
    return "end";
  }

  /** @returns undefined for who is no agency of the draw: there is no word for that */
  async #identify(
    number: number,
    action: Parameters<typeof knownAgency>[2],
    host: TurnHost,
  ): Promise<AgencyId | undefined> {
    this.#spoken = true;
    await this.#becomeAgency(number, host);
    if (this.#agency === undefined) return knownAgency(this.#context, number, action);
    if (this.#agency !== number) {
      throw new ProtocolError(
        "UNEXPECTED_MESSAGE",
        "Cannot take message: it names another agency than the connection's first",
      );
    }
    return this.#agency;
  }

  async #becomeAgency(number: number, host: TurnHost): Promise<void> {
    if (this.#agency !== undefined) return;
    await host.hold(number);
    this.#agency = this.#context.desk.known(number);
  }

  #answer(message: CentralMessage): Turn {
    this.#context.peer.send(encodeCentral(message));
    return "next";
  }
}
