import {
  type AgencyLink,
  type Answer,
  type DialContext,
  LinkError,
  type LinkResults,
  type OutgoingBatch,
  unsound,
} from "../agency-link.ts";
import { pauseBetween } from "../asker.ts";
import type { StartTimer } from "../timers.ts";
import { exchange, openTlv, type TlvAsker } from "./exchange.ts";
import { ASK_AGAIN_MS } from "./layout.ts";
import type { AgencyMessage, CentralMessage } from "./messages.ts";

/** The agency's side of the final version: a connection for every message. */
export class TlvLink implements AgencyLink {
  readonly standing = undefined;
  readonly chainKnown = false;
  readonly window = 1;
  readonly #context: DialContext;
  readonly #startTimer: StartTimer;
  /** Open; while nothing is asked, only the one that came with dialling is. */
  #asker: TlvAsker | undefined;

  /** @param first the connection for the first message */
  constructor(first: TlvAsker, context: DialContext, startTimer: StartTimer) {
    this.#asker = first;
    this.#context = context;
    this.#startTimer = startTimer;
  }

  async send({ bets }: OutgoingBatch): Promise<Answer> {
    return answerOf(await this.#exchange({ kind: "batch", bets }));
  }

  async sendSingle({ bets }: OutgoingBatch): Promise<Answer> {
    return answerOf(await this.#exchange(singleOf(bets)));
  }

  async done(): Promise<void> {
    const { agency } = this.#context;
    const reply = await this.#exchange({ kind: "done", agency });
    if (reply.kind !== "ok") throw refusalOf(reply);
  }

  async results(): Promise<LinkResults> {
    const { agency } = this.#context;
    for (;;) {
      const reply = await this.#exchange({ kind: "question", agency });
      if (reply.kind === "winners") return { winners: reply.documents };
      if (reply.kind !== "not-yet") throw refusalOf(reply);
      await pauseBetween(ASK_AGAIN_MS, this.#context, this.#startTimer);
    }
  }

  async close(): Promise<void> {
    await this.#asker?.close();
  }

  async #exchange(message: AgencyMessage): Promise<CentralMessage> {
    this.#asker ??= await openTlv(this.#context, this.#startTimer);
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
      throw unsound(`it answers bets with ${reply.kind}`);
    default:
      return reply satisfies never;
  }
}

/** What is no answer to the end of bets, or to the question. */
function refusalOf(reply: CentralMessage): LinkError {
  return reply.kind === "refused"
    ? new LinkError("REFUSED", `The central refuses this agency: ${reply.text}`)
    : unsound(`it answers ${reply.kind} to something else`);
}
