import type { AgencyId } from "../../lottery/bet.ts";
import type { Decoder } from "../codec.ts";
import type { Conversation } from "../desk.ts";
import type { ServeContext } from "../dialect.ts";
import { Intake, recordDone } from "../intake.ts";
import { ProtocolError } from "../protocol-error.ts";
import { sendInParts } from "../send-in-parts.ts";
import { type HoldAgency, knownAgency, serveTurns, type Turn, type TurnTaker } from "../turns.ts";
import { createNewlineFieldsClientDecoder } from "./decode.ts";
import { encodeCentral } from "./encode.ts";
import { DIALECT } from "./layout.ts";
import type { Batch, CentralMessage, ClientMessage } from "./messages.ts";

/** The central's side of one newline-fields connection: docs/protocols/newline-fields.md. */
export function serveNewlineFields(context: ServeContext): Conversation {
  return serveTurns(context, new NewlineFieldsTaker(context));
}

class NewlineFieldsTaker implements TurnTaker<ClientMessage> {
  readonly dialect = DIALECT;
  readonly decoder: Decoder<ClientMessage>;
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

  take(message: ClientMessage, over: AbortSignal, hold: HoldAgency): Promise<Turn> {
    switch (message.kind) {
      case "batch":
        return this.#register(message, over, hold);
      case "confirmation":
        return this.#confirm(message.agency, over, hold);
      case "question":
        return this.#tellWinners(message.agency, over, hold);
      case "unreadable":
        this.#answer({ kind: "unreadable" });
        throw new ProtocolError("MALFORMED", "Cannot decode message: it is not UTF-8");
      default:
        return message satisfies never;
    }
  }

  async #register(batch: Batch, over: AbortSignal, hold: HoldAgency): Promise<Turn> {
    const { typed, single, count, lines, readable } = batch;
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
    if (!single) await this.#becomeAgency(batch.agency, hold);
    const agency = this.#agency ?? batch.agency;
    if (await this.#intake.submit({ agency, count, lines, single }, over)) {
      this.#answer({ kind: "stored" });
      return typed ? "next" : "end";
    }
    if (!readable) this.#answer({ kind: "unreadable" });
    return "end";
  }

  async #confirm(number: number, over: AbortSignal, hold: HoldAgency): Promise<Turn> {
    const agency = await this.#identify(number, "register_done", hold);
    if (agency === undefined) return "end";
    const recorded = await recordDone(this.#context, agency, over);
    over.throwIfAborted();
    return recorded ? this.#answer({ kind: "noted" }) : "end";
  }

  async #tellWinners(number: number, over: AbortSignal, hold: HoldAgency): Promise<Turn> {
    const agency = await this.#identify(number, "query_winners", hold);
    if (agency === undefined) return "end";
    const { winners } = await this.#context.desk.results(agency, over);
    const documents = winners.map(({ document }) => document);
    await sendInParts(this.#context.peer, encodeCentral({ kind: "winners", documents }), over);
    return "end";
  }

  /** @returns undefined for who is no agency of the draw: there is no word for that */
  async #identify(
    number: number,
    action: Parameters<typeof knownAgency>[2],
    hold: HoldAgency,
  ): Promise<AgencyId | undefined> {
    this.#spoken = true;
    await this.#becomeAgency(number, hold);
    if (this.#agency === undefined) return knownAgency(this.#context, number, action);
    if (this.#agency !== number) {
      throw new ProtocolError(
        "UNEXPECTED_MESSAGE",
        "Cannot take message: it names another agency than the connection's first",
      );
    }
    return this.#agency;
  }

  async #becomeAgency(number: number, hold: HoldAgency): Promise<void> {
    if (this.#agency !== undefined) return;
    await hold(number);
    this.#agency = this.#context.desk.known(number);
  }

  #answer(message: CentralMessage): Turn {
    this.#context.peer.send(encodeCentral(message));
    return "next";
  }
}
