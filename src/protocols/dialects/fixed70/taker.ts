import type { ServeContext } from "../../dialect.ts";
import { Intake, recordDone } from "../../kit/intake.ts";
import { ProtocolError } from "../../protocol-error.ts";
import { sendInParts } from "../../kit/send-in-parts.ts";
import {
  knownAgency,
  type Taken,
  type Turn,
  type TurnHost,
  type TurnTaker,
} from "../../kit/turns.ts";
import { createFixed70ClientDecoder } from "./decode.ts";
import { encodeCentral, encodeWinners } from "./encode.ts";
import { OPENING_PAUSE_MS, type Version } from "./layout.ts";
import type { Batch, ClientMessage, Zero } from "./messages.ts";
import { ZeroReader } from "./zero-reader.ts";

/** Does what the messages of one connection ask, and answers them. */
export class Fixed70Taker implements TurnTaker<ClientMessage> {
  readonly dialect = "fixed70";
  readonly decoder: TurnTaker<ClientMessage>["decoder"];
  readonly #context: ServeContext;
  readonly #intake: Intake;
  readonly #zeros: ZeroReader;
  #greeted = false;
  /** An answer that is held back: nothing may come before it. */
  #pausing = false;

  constructor(context: ServeContext) {
    this.#context = context;
    this.#intake = new Intake(context, "run-start");
    this.#zeros = new ZeroReader(context.clock);
    this.decoder = createFixed70ClientDecoder(context.limits);
  }

  take(message: ClientMessage, host: TurnHost): Taken {
    if (this.#pausing) {
      throw new ProtocolError(
        "UNEXPECTED_MESSAGE",
        "Cannot take message: the one before is not answered",
      );
    }
    const first = !this.#greeted;
    this.#greeted = true;
    return first && message.version === "final"
      ? host.hold(message.agency).then(() => this.#hear(message, host))
      : this.#hear(message, host);
  }

  #hear(message: ClientMessage, host: TurnHost): Taken {
    return message.kind === "batch"
      ? this.#register(message, host)
      : this.#takeZero(message, host.over);
  }

  #register({ version, agency, count, lines }: Batch, host: TurnHost): Taken {
    const single = version === "ej5";
    return this.#intake.submit({ agency, count, lines, single }, host, (stored) => {
      // There is no word for a refusal.
      if (!stored) return "end";
      this.#confirm(version);
      this.#zeros.batchConfirmed(count);
      return single ? "end" : "next";
    });
  }

  async #takeZero(zero: Zero, signal: AbortSignal): Promise<Turn> {
    const meaning = this.#zeros.read();
    switch (meaning) {
      case "opening":
        this.#confirmAfterPause(zero, signal);
        return "next";
      case "empty-batch":
        this.#confirm(zero.version);
        return "next";
      case "end":
        if (zero.version === "final") await this.#tellWinners(zero.agency, signal);
        return "end";
      default:
        return meaning satisfies never;
    }
  }

  #confirmAfterPause({ version }: Zero, signal: AbortSignal): void {
    this.#pausing = true;
    const cancel = this.#context.clock.after(OPENING_PAUSE_MS, () => {
      this.#pausing = false;
      this.#confirm(version);
    });
    signal.addEventListener("abort", cancel, { once: true });
  }

  async #tellWinners(number: number, signal: AbortSignal): Promise<void> {
    const { desk, peer } = this.#context;
    const agency = knownAgency(this.#context, number, "query_winners");
    if (agency === undefined) return;
    await recordDone(this.#context, agency, signal);
    const { winners } = await desk.results(agency, signal, peer);
    await sendInParts(peer, encodeWinners(winners), signal);
  }

  #confirm(version: Version): void {
    this.#context.peer.send(encodeCentral({ kind: "confirmation", version }));
  }
}
