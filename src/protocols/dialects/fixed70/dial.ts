import {
  type AgencyDialer,
  type AgencyLink,
  type Answer,
  type BatchMeasure,
  type DialContext,
  LinkError,
  type LinkResults,
  type OutgoingBatch,
  unsound,
} from "../../agency-link.ts";
import { Asker, type Patience } from "../../kit/asker.ts";
import { startTimer, type StartTimer } from "../../timers.ts";
import { AnswerDecoder, type Expected } from "./answer-decoder.ts";
import { encodeAgency, unfitBet } from "./encode.ts";
import {
  AGENCY_MAX,
  type CentralMessage,
  COUNT_BYTES,
  LONE_ONE_MS,
  RECORD_BYTES,
  type Version,
} from "./wire.ts";

/** The hello before the first batch is not counted, because no limit includes it. */
const measure: BatchMeasure = { overheadBytes: COUNT_BYTES, betBytes: () => RECORD_BYTES };

/**
 * @param version `ej6`: no hello, other confirmations, no draw
 * @param timer tests give their own
 */
export function createFixed70Dialer(
  version: Exclude<Version, "ej5"> = "final",
  timer: StartTimer = startTimer,
): AgencyDialer {
  return {
    drawless: version === "ej6",
    measure,
    unfit: unfitBet,
    async dial(context) {
      const { agency } = context;
      if (agency > AGENCY_MAX) {
        throw new LinkError("REFUSED", `Cannot speak fixed70: agency is ${agency}, max is 65535`);
      }
      return Fixed70Link.open({ context, version, startTimer: timer });
    },
  };
}

/** The agency's side of the final version or of ej6: one connection for a whole run. */
export class Fixed70Link implements AgencyLink {
  readonly standing = undefined;
  readonly chainKnown = false;
  readonly window = 1;
  readonly #asker: Asker<CentralMessage>;
  readonly #decoder: AnswerDecoder;
  readonly #version: Exclude<Version, "ej5">;
  readonly #startTimer: StartTimer;
  /** Sent with the first message, not before, because a single bet has no hello. */
  #hello: Uint8Array;
  #cancelTimer: (() => void) | undefined;

  private constructor(
    asker: Asker<CentralMessage>,
    decoder: AnswerDecoder,
    { context, version, startTimer }: LinkOptions,
  ) {
    this.#asker = asker;
    this.#decoder = decoder;
    this.#version = version;
    this.#startTimer = startTimer;
    const { agency } = context;
    this.#hello = version === "final" ? encodeAgency({ kind: "hello", agency }) : NOTHING;
  }

  /** Connects. @throws LinkError CONNECT_FAILED */
  static async open(options: LinkOptions): Promise<Fixed70Link> {
    const { context, startTimer } = options;
    let link: Fixed70Link | undefined;
    const decoder = new AnswerDecoder(() => {
      if (link !== undefined) link.#watchLoneOne();
    });
    const createDecoder = () => decoder;
    const asker = await Asker.open({ context, createDecoder, startTimer });
    link = new Fixed70Link(asker, decoder, options);
    return link;
  }

  async send({ bets }: OutgoingBatch): Promise<Answer> {
    await this.#ask(this.#greet(encodeAgency({ kind: "batch", bets })), this.#version);
    return { kind: "accepted" };
  }

  async sendSingle({ bets: [bet] }: OutgoingBatch): Promise<Answer> {
    if (bet === undefined) throw new RangeError("Cannot send a bet: there is none");
    await this.#ask(encodeAgency({ kind: "bet", bet }), "ej5");
    return { kind: "accepted" };
  }

  /** Sends nothing in the final version: there the question also says that all bets are sent. */
  async done(): Promise<void> {
    if (this.#version === "ej6") this.#asker.tell(encodeAgency({ kind: "zero" }));
  }

  async results(): Promise<LinkResults | undefined> {
    if (this.#version === "ej6") return undefined;
    try {
      const question = this.#greet(encodeAgency({ kind: "zero" }));
      const reply = await this.#ask(question, "winners", "draw");
      if (reply.kind !== "winners") throw unsound("it answers the question with a confirmation");
      return { winners: reply.documents };
    } finally {
      this.#cancelTimer?.();
    }
  }

  close(): Promise<void> {
    return this.#asker.close();
  }

  #greet(message: Uint8Array): Uint8Array {
    const hello = this.#hello;
    this.#hello = NOTHING;
    return hello.length === 0 ? message : Buffer.concat([hello, message]);
  }

  #ask(bytes: Uint8Array, expected: Expected, patience?: Patience): Promise<CentralMessage> {
    this.#decoder.expect(expected);
    return this.#asker.ask(bytes, patience);
  }

  /**
   * The central has answered the question with `1`, and with nothing else so far. The document of a single
   * winner comes together with the count. When it does not come, the central has taken the zero for an empty
   * batch, as it must when the batches before looked full. Then a second zero is the question.
   */
  #watchLoneOne(): void {
    this.#cancelTimer?.();
    this.#cancelTimer = this.#startTimer(() => {
      if (!this.#decoder.loneOne) return;
      this.#decoder.expect("winners");
      this.#asker.tell(encodeAgency({ kind: "zero" }));
    }, LONE_ONE_MS);
  }
}

export interface LinkOptions {
  readonly context: DialContext;
  readonly version: Exclude<Version, "ej5">;
  readonly startTimer: StartTimer;
}

const NOTHING = new Uint8Array(0);
