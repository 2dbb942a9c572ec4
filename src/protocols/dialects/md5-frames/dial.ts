import {
  type AgencyDialer,
  type AgencyLink,
  type Answer,
  type LinkResults,
  notAnAnswer,
  type OutgoingBatch,
  refused,
  unsound,
} from "../../agency-link.ts";
import { Asker, type AskerOptions, type Patience, pauseBetween } from "../../kit/asker.ts";
import { startTimer, type StartTimer } from "../../timers.ts";
import { createMd5FramesCentralDecoder, identifierOf } from "./decode.ts";
import { encodeAgency, md5FramesMeasure, unfitForMd5Frames } from "./encode.ts";
import { type AgencyMessage, ANSWER_BYTES_MAX, ASK_AGAIN_MS, type CentralMessage } from "./wire.ts";

export interface Md5FramesDialerOptions {
  /** False for the version of exercise 6, which has no draw. */
  readonly draws?: boolean;
  /** Tests give their own. */
  readonly timer?: StartTimer;
  /** How long to wait before asking for winners again. */
  readonly askAgainMs?: number;
}

export function createMd5FramesDialer(options: Md5FramesDialerOptions = {}): AgencyDialer {
  const { draws = true, timer = startTimer, askAgainMs = ASK_AGAIN_MS } = options;
  const limits = { frameBytesMax: ANSWER_BYTES_MAX };
  const createDecoder = () => createMd5FramesCentralDecoder(limits);
  return {
    drawless: !draws,
    measure: md5FramesMeasure,
    unfit: unfitForMd5Frames,
    async dial(context) {
      const asking = { context, createDecoder, startTimer: timer };
      const first = await Asker.open(asking);
      return new Md5FramesLink({ options: asking, first, draws, askAgainMs });
    },
  };
}

export interface Md5FramesLinkParts {
  readonly options: AskerOptions<CentralMessage>;
  /** The connection for the first message. */
  readonly first: Asker<CentralMessage>;
  /** Whether the dialect's version has messages for the end of bets and for the winners. */
  readonly draws: boolean;
  readonly askAgainMs: number;
}

/** The agency's side: a connection for every message. */
export class Md5FramesLink implements AgencyLink {
  readonly standing = undefined;
  readonly chainKnown = false;
  readonly window = 1;
  readonly #parts: Md5FramesLinkParts;
  /** The connection of the current message, or the one for the first message. */
  #asker: Asker<CentralMessage> | undefined;

  constructor(parts: Md5FramesLinkParts) {
    this.#parts = parts;
    this.#asker = parts.first;
  }

  async send({ bets }: OutgoingBatch): Promise<Answer> {
    return answerOf(await this.#exchange({ kind: "batch", bets }));
  }

  async sendSingle({ bets: [bet] }: OutgoingBatch): Promise<Answer> {
    if (bet === undefined) throw new RangeError("Cannot send a bet: there is none");
    return answerOf(await this.#exchange({ kind: "bet", bet }));
  }

  async done(): Promise<void> {
    if (!this.#parts.draws) return;
    const reply = await this.#exchange({ kind: "done", agency: this.#agency });
    if (reply.kind === "success") return;
    throw reply.kind === "failure" ? refused("that all bets were sent") : notAnAnswer(reply);
  }

  async results(): Promise<LinkResults | undefined> {
    const { draws, askAgainMs, options } = this.#parts;
    if (!draws) return undefined;
    for (;;) {
      // The course's central answers at once, ours only after the draw.
      const reply = await this.#exchange({ kind: "question", agency: this.#agency }, "draw");
      if (reply.kind === "winners") return { winners: reply.documents };
      if (reply.kind === "question-failure") throw refused("the question for winners");
      if (reply.kind !== "in-progress") throw notAnAnswer(reply);
      await pauseBetween(askAgainMs, options.context, options.startTimer);
    }
  }

  async close(): Promise<void> {
    await this.#asker?.close();
  }

  get #agency(): number {
    return this.#parts.options.context.agency;
  }

  /** Closes the connection itself: the course's central may end its side only when the next one connects. */
  async #exchange(message: AgencyMessage, patience?: Patience): Promise<CentralMessage> {
    this.#asker ??= await Asker.open(this.#parts.options);
    const asker = this.#asker;
    const frame = encodeAgency(message);
    const identifier = Buffer.from(identifierOf(frame));
    try {
      const reply = await asker.ask(frame, patience);
      if (!identifier.equals(reply.identifier)) {
        throw unsound("its answer has the identifier of another message");
      }
      return reply;
    } finally {
      await asker.close();
      this.#asker = undefined;
    }
  }
}

function answerOf(reply: CentralMessage): Answer {
  if (reply.kind === "success") return { kind: "accepted" };
  if (reply.kind !== "failure") throw notAnAnswer(reply);
  return { kind: "rejected", code: "REFUSED", reason: "the central answers failure" };
}
