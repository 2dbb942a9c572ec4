import type { AgencyId } from "../../../lottery/bet.ts";
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
import { Asker, pauseBetween } from "../../kit/asker.ts";
import { startTimer, type StartTimer } from "../../timers.ts";
import { createTlvCentralDecoder } from "./decode.ts";
import { encodeAgency, tlvMeasure, unfitForTlv } from "./encode.ts";
import {
  type AgencyMessage,
  ANSWER_BYTES_MAX,
  ASK_AGAIN_MS,
  type CentralMessage,
  HEADER_BYTES,
  PIECE_BYTES_MAX,
} from "./wire.ts";

export interface TlvDialerOptions {
  /** Tests give their own. */
  readonly timer?: StartTimer;
  /** How long to wait before asking for winners again. */
  readonly askAgainMs?: number;
}

/** The final version. */
export function createTlvDialer(options: TlvDialerOptions = {}): AgencyDialer {
  const { timer = startTimer, askAgainMs = ASK_AGAIN_MS } = options;
  return {
    measure: tlvMeasure,
    unfit: unfitForTlv,
    async dial(context) {
      const connect = () => openTlv(context, timer);
      const pause = () => pauseBetween(askAgainMs, context, timer);
      return new TlvLink({ agency: context.agency, first: await connect(), connect, pause });
    },
  };
}

/** The version of exercise 6. @param timer tests give their own */
export function createTlvBatchesDialer(timer: StartTimer = startTimer): AgencyDialer {
  return {
    drawless: true,
    measure: tlvMeasure,
    unfit: unfitForTlv,
    dial: async (context) => new TlvBatchesLink(await openTlv(context, timer)),
  };
}

export type TlvAsker = Asker<CentralMessage>;

/** Connects. @throws LinkError CONNECT_FAILED */
function openTlv(context: DialContext, startTimer: StartTimer): Promise<TlvAsker> {
  const limits = { frameBytesMax: ANSWER_BYTES_MAX };
  const createDecoder = () => createTlvCentralDecoder(limits);
  return Asker.open({ context, createDecoder, startTimer });
}

/**
 * Sends a packet and waits for the answer. The course's central reads the header, then pieces of
 * {@link PIECE_BYTES_MAX}, and cannot read other pieces correctly: so each piece is written on its own. The
 * first piece is written with the header, because the network may delay a piece that follows a header.
 *
 * @throws LinkError
 */
export function exchange(asker: TlvAsker, message: AgencyMessage): Promise<CentralMessage> {
  const packet = encodeAgency(message);
  let at = 0;
  let end = HEADER_BYTES + PIECE_BYTES_MAX;
  for (; end < packet.length; end += PIECE_BYTES_MAX) {
    asker.tell(packet.subarray(at, end));
    at = end;
  }
  return asker.ask(packet.subarray(at));
}

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
  /** The connection of the current message, or the one for the first message. */
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

/** The error for an answer that does not accept the end of bets or the question. */
function refusalOf(reply: CentralMessage): LinkError {
  return reply.kind === "refused"
    ? new LinkError("REFUSED", `The central refuses this agency: ${reply.text}`)
    : notAnAnswer(reply);
}
