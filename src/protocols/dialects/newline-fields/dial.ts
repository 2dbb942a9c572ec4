import {
  type AgencyDialer,
  type AgencyLink,
  type Answer,
  type DialContext,
  LinkError,
  type LinkResults,
  notAnAnswer,
  type OutgoingBatch,
} from "../../agency-link.ts";
import { Asker, type Patience, pauseBetween } from "../../kit/asker.ts";
import { startTimer, type StartTimer } from "../../timers.ts";
import { createNewlineFieldsCentralDecoder } from "./decode.ts";
import { encodeAgency, newlineFieldsMeasure, unfitForNewlineFields } from "./encode.ts";
import { type AgencyMessage, ANSWER_BYTES_MAX, ASK_AGAIN_MS, type CentralMessage } from "./wire.ts";

export const FINAL: Version = { typed: true, connectionPerMessage: false, draws: true };
export const EXERCISE_7: Version = { typed: true, connectionPerMessage: true, draws: true };
export const EXERCISE_6: Version = { typed: false, connectionPerMessage: true, draws: false };

/** @param timer tests give their own */
export function createNewlineFieldsDialer(
  version: Version,
  timer: StartTimer = startTimer,
): AgencyDialer {
  return {
    drawless: !version.draws,
    measure: newlineFieldsMeasure(version.typed),
    unfit: unfitForNewlineFields,
    dial: (context) => NewlineFieldsLink.open(version, context, timer),
  };
}

/** The differences between the versions, as an agency sees them. */
export interface Version {
  /** Messages begin with a line that names their type. */
  readonly typed: boolean;
  /** The central takes one message per connection, and then ends it. */
  readonly connectionPerMessage: boolean;
  /** The version has messages for the end of bets and for the winners. */
  readonly draws: boolean;
}

type NewlineFieldsAsker = Asker<CentralMessage>;

/** The agency's side, in any of the versions. */
export class NewlineFieldsLink implements AgencyLink {
  readonly standing = undefined;
  readonly chainKnown = false;
  readonly window = 1;
  readonly #version: Version;
  readonly #context: DialContext;
  readonly #startTimer: StartTimer;
  #asker: NewlineFieldsAsker | undefined;

  private constructor(version: Version, context: DialContext, startTimer: StartTimer) {
    this.#version = version;
    this.#context = context;
    this.#startTimer = startTimer;
  }

  /** Connects. The first message is sent on this connection. @throws LinkError */
  static async open(
    version: Version,
    context: DialContext,
    startTimer: StartTimer,
  ): Promise<NewlineFieldsLink> {
    const link = new NewlineFieldsLink(version, context, startTimer);
    await link.#connect();
    return link;
  }

  async send({ bets }: OutgoingBatch): Promise<Answer> {
    const { typed, connectionPerMessage } = this.#version;
    return answerOf(await this.#ask({ kind: "batch", typed, bets }, connectionPerMessage));
  }

  async sendSingle({ bets }: OutgoingBatch): Promise<Answer> {
    return answerOf(await this.#ask({ kind: "batch", typed: false, bets }, true));
  }

  async done(): Promise<void> {
    const { draws, connectionPerMessage } = this.#version;
    if (!draws) return;
    const { agency } = this.#context;
    const reply = await this.#ask({ kind: "confirmation", agency }, connectionPerMessage);
    if (reply.kind !== "noted") throw refusalOf(reply);
  }

  async results(): Promise<LinkResults | undefined> {
    if (!this.#version.draws) return undefined;
    for (;;) {
      const reply = await this.#askWhoWon();
      if (reply?.kind === "winners") return { winners: reply.documents };
      if (reply !== undefined) throw refusalOf(reply);
      await pauseBetween(ASK_AGAIN_MS, this.#context, this.#startTimer);
    }
  }

  async close(): Promise<void> {
    await this.#asker?.close();
  }

  /** @returns undefined for "not yet": a central of exercise 7 says it by ending the connection */
  async #askWhoWon(): Promise<CentralMessage | undefined> {
    const { agency } = this.#context;
    const { connectionPerMessage } = this.#version;
    try {
      return await this.#ask({ kind: "question", agency }, connectionPerMessage, "draw");
    } catch (error) {
      const notYet = error instanceof LinkError && error.code === "CONNECTION_ENDED";
      if (connectionPerMessage && notYet) return undefined;
      throw error;
    }
  }

  async #connect(): Promise<NewlineFieldsAsker> {
    const limits = { frameBytesMax: ANSWER_BYTES_MAX };
    this.#asker ??= await Asker.open({
      context: this.#context,
      createDecoder: () => createNewlineFieldsCentralDecoder(limits),
      startTimer: this.#startTimer,
    });
    return this.#asker;
  }

  /** @param last the connection ends with the answer */
  async #ask(message: AgencyMessage, last: boolean, patience?: Patience): Promise<CentralMessage> {
    const asker = await this.#connect();
    try {
      return await asker.ask(encodeAgency(message), patience);
    } finally {
      if (last) {
        await asker.close();
        this.#asker = undefined;
      }
    }
  }
}

function answerOf(reply: CentralMessage): Answer {
  switch (reply.kind) {
    case "stored":
      return { kind: "accepted" };
    case "unreadable":
      return { kind: "rejected", code: "REFUSED", reason: "the central could not read the batch" };
    case "noted":
    case "winners":
      throw notAnAnswer(reply);
    default:
      return reply satisfies never;
  }
}

/** The error for an answer that does not accept the end of bets or the question. */
function refusalOf(reply: CentralMessage): LinkError {
  return reply.kind === "unreadable"
    ? new LinkError("REFUSED", "The central refuses this agency: it could not read its message")
    : notAnAnswer(reply);
}
