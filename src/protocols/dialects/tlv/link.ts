import type { AgencyId } from "../../../lottery/bet.ts";
import {
  type AgencyLink,
  type Answer,
  LinkError,
  type LinkResults,
  notAnAnswer,
  type OutgoingBatch,
} from "../../agency-link.ts";
import { exchange, type TlvAsker } from "./exchange.ts";
import type { AgencyMessage, CentralMessage } from "./messages.ts";

export interface TlvLinkParts {
  readonly agency: AgencyId;
  /** The connection for the first message. */
  readonly first: TlvAsker;
  readonly connect: () => Promise<TlvAsker>;
  /** Waits before the next question. @throws LinkError when the agency stops meanwhile */
  readonly pause: () => Promise<void>;
}

/** The agency's side of the final version: a connection for every message. */
export class TlvLink implements AgencyLink {
  readonly standing = undefined;
  readonly chainKnown = false;
  readonly window = 1;
  readonly #parts: TlvLinkParts;
  /** The one for the message at hand, or for the first one. */
  #asker: TlvAsker | undefined;

  constructor(parts: TlvLinkParts) {
    this.#parts = parts;
    this.#asker = parts.first;
  }

  async send({ bets }: OutgoingBatch): Promise<Answer> {
    return answerOf(await this.#exchange({ kind: "batch", bets }));
  }

  async sendSingle({ bets }: OutgoingBatch): Promise<Answer> {
    return answerOf(await this.#exchange(singleOf(bets)));
  }

  async done(): Promise<void> {
    const { agency } = this.#parts;
    const reply = await this.#exchange({ kind: "done", agency });
    if (reply.kind !== "ok") throw refusalOf(reply);
  }

  async results(): Promise<LinkResults> {
    const { agency } = this.#parts;
    for (;;) {
      const reply = await this.#exchange({ kind: "question", agency });
      if (reply.kind === "winners") return { winners: reply.documents };
      if (reply.kind !== "not-yet") throw refusalOf(reply);
      await this.#parts.pause();
    }
  }

  async close(): Promise<void> {
    await this.#asker?.close();
  }

  async #exchange(message: AgencyMessage): Promise<CentralMessage> {
    this.#asker ??= await this.#parts.connect();
    const asker = this.#asker;
    try {
      return await exchange(asker, message);
    } finally {
      await asker.close();
      this.#asker = undefined;
    }
  }
}

/** The agency's side of ej6: batches on one connection, and no draw. */
export class TlvBatchesLink implements AgencyLink {
  readonly standing = undefined;
  readonly chainKnown = false;
  readonly window = 1;
  readonly #asker: TlvAsker;

  constructor(asker: TlvAsker) {
    this.#asker = asker;
  }

  async send({ bets }: OutgoingBatch): Promise<Answer> {
    return answerOf(await exchange(this.#asker, { kind: "batch", bets }));
  }

  async sendSingle({ bets }: OutgoingBatch): Promise<Answer> {
    return answerOf(await exchange(this.#asker, singleOf(bets)));
  }

  done(): Promise<void> {
    return Promise.resolve();
  }

  results(): Promise<undefined> {
    return Promise.resolve(undefined);
  }

  close(): Promise<void> {
    return this.#asker.close();
  }
}

function singleOf(bets: OutgoingBatch["bets"]): AgencyMessage {
  const [bet] = bets;
  if (bet === undefined) throw new RangeError("Cannot send a bet: there is none");
  return { kind: "bet", bet };
}

function answerOf(reply: CentralMessage): Answer {
  switch (reply.kind) {
    case "ok":
      return { kind: "accepted" };
    case "refused":
      return { kind: "rejected", code: "REFUSED", reason: reply.text };
    case "winners":
    case "not-yet":
      throw notAnAnswer(reply);
    default:
      return reply satisfies never;
  }
}

/** What is no answer to the end of bets, or to the question. */
function refusalOf(reply: CentralMessage): LinkError {
  return reply.kind === "refused"
    ? new LinkError("REFUSED", `The central refuses this agency: ${reply.text}`)
    : notAnAnswer(reply);
}
