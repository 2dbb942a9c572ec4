import { quoteField } from "../../../lottery/canonical-line.ts";
import {
  type AgencyDialer,
  type AgencyLink,
  type Answer,
  type BatchMeasure,
  type LinkResults,
  notAnAnswer,
  type OutgoingBatch,
  refused,
} from "../../agency-link.ts";
import { Asker, type AskerOptions, pauseBetween } from "../../kit/asker.ts";
import { startTimer, type StartTimer } from "../../timers.ts";
import { createColonLinesCentralDecoder } from "./decode.ts";
import {
  encodeBatch,
  encodeDone,
  encodeQuestion,
  encodeSingle,
  unfitForColonLines,
  type Version,
} from "./encode.ts";
import { QUESTION_PAUSE_MS, type Reply } from "./wire.ts";

/** @param timer tests give their own */
export function createColonLinesDialer(
  version: Version,
  timer: StartTimer = startTimer,
): AgencyDialer {
  return {
    drawless: version === "ej6",
    measure: measureOf(version),
    unfit: unfitForColonLines,
    async dial(context) {
      const options = {
        context,
        createDecoder: createColonLinesCentralDecoder,
        startTimer: timer,
      };
      return new ColonLinesLink(version, options, await Asker.open(options));
    },
  };
}

/** Counts the sender's digits with the first bet, because only a bet says how long the agency's number is. */
function measureOf(version: Version): BatchMeasure {
  return {
    overheadBytes: (version === "ej6" ? ":\r\n" : ":4:\r\n").length,
    betBytes({ agency, firstName, lastName }, lineBytes, index) {
      const sender = `${agency}`.length;
      // A canonical line begins with the agency and a comma, and has a CR before its LF.
      const bytes = lineBytes - sender - 2 - quotesIn(firstName) - quotesIn(lastName);
      return index === 0 ? bytes + sender : bytes;
    },
  };
}

/** How many bytes {@link quoteField} adds to a name: this dialect quotes nothing. */
function quotesIn(name: string): number {
  return Buffer.byteLength(quoteField(name)) - Buffer.byteLength(name);
}

/**
 * The agency's side. The final version has one connection for everything. Earlier versions have one for each
 * message; the first message uses the connection that was dialled.
 */
export class ColonLinesLink implements AgencyLink {
  readonly standing = undefined;
  readonly chainKnown = false;
  readonly window = 1;
  readonly #version: Version;
  readonly #options: AskerOptions<Reply>;
  #asker: Asker<Reply> | undefined;

  constructor(version: Version, options: AskerOptions<Reply>, asker: Asker<Reply>) {
    this.#version = version;
    this.#options = options;
    this.#asker = asker;
  }

  async send({ bets }: OutgoingBatch): Promise<Answer> {
    const bytes = encodeBatch(this.#agency, bets, this.#version);
    return answerOf(await this.#ask(bytes));
  }

  async sendSingle({ bets: [bet] }: OutgoingBatch): Promise<Answer> {
    if (bet === undefined) throw new RangeError("Cannot send a single bet: the batch is empty");
    const reply = await this.#ask(encodeSingle(this.#agency, bet));
    await this.#hangUp();
    return answerOf(reply);
  }

  async done(): Promise<void> {
    if (this.#version === "ej6") return;
    const reply = await this.#ask(encodeDone(this.#agency));
    if (reply.kind === "taken") return;
    throw reply.kind === "refused" ? refused("that all bets were sent") : notAnAnswer(reply);
  }

  async results(): Promise<LinkResults | undefined> {
    if (this.#version === "ej6") return undefined;
    for (;;) {
      const reply = await this.#ask(encodeQuestion(this.#agency));
      if (reply.kind === "winners") return resultsOf(reply);
      if (reply.kind === "refused") throw refused("the question for winners");
      if (reply.kind === "taken") throw notAnAnswer(reply);
      await pauseBetween(QUESTION_PAUSE_MS, this.#options.context, this.#options.startTimer);
    }
  }

  async close(): Promise<void> {
    await this.#hangUp();
  }

  get #agency() {
    return this.#options.context.agency;
  }

  async #ask(bytes: Uint8Array): Promise<Reply> {
    this.#asker ??= await Asker.open(this.#options);
    const reply = await this.#asker.ask(bytes);
    // After a refusal the course's server ends the connection, but we may never see that end.
    if (this.#version !== "ej8" || reply.kind === "refused") await this.#hangUp();
    return reply;
  }

  async #hangUp(): Promise<void> {
    const asker = this.#asker;
    this.#asker = undefined;
    await asker?.close();
  }
}

function resultsOf({ documents, bets }: Extract<Reply, { kind: "winners" }>): LinkResults {
  return { winners: documents, ...(bets === undefined ? {} : { winningBets: bets }) };
}

function answerOf(reply: Reply): Answer {
  if (reply.kind === "taken") return { kind: "accepted" };
  if (reply.kind !== "refused") throw notAnAnswer(reply);
  return { kind: "rejected", code: "REFUSED", reason: "it gives no reason in this dialect" };
}
