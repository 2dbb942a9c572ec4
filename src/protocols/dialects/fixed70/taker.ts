import type { ServeContext } from "../../dialect.ts";
import { admitted, Intake, recordDone } from "../../kit/intake.ts";
import { ProtocolError } from "../../protocol-error.ts";
import { sendInParts } from "../../kit/send-in-parts.ts";
import type { Taken, Turn, TurnHost, TurnTaker } from "../../kit/turns.ts";
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
    this.#intake = new Intake("run-start");
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
    const isRun = first && message.version === "final";
    return message.kind === "batch"
      ? this.#register(message, isRun, host)
      : this.#takeZero(message, isRun, host);
  }

  #register({ version, agency, count, lines }: Batch, isRun: boolean, host: TurnHost): Taken {
    const counter = admitted(this.#context, agency, { bets: count });
    // There is no word for a refusal.
    if (counter === undefined) return "end";
    if (isRun) host.hold(counter);
    const single = version === "ej5";
    return this.#intake.submit(counter, { count, lines, single }, host, (stored) => {
      if (!stored) return "end";
      this.#confirm(version);
      this.#zeros.batchConfirmed(count);
      return single ? "end" : "next";
    });
  }

  async #takeZero(zero: Zero, isRun: boolean, host: TurnHost): Promise<Turn> {
    const counter = isRun ? admitted(this.#context, zero.agency) : undefined;
    if (counter !== undefined) host.hold(counter);
    const meaning = this.#zeros.read();
    switch (meaning) {
      case "opening":
        this.#confirmAfterPause(zero, host.over);
        return "next";
      case "empty-batch":
        this.#confirm(zero.version);
        return "next";
      case "end":
        if (zero.version === "final") await this.#tellWinners(zero.agency, host.over);
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
    const counter = admitted(this.#context, number, "query_winners");
    if (counter === undefined) return;
    const { peer, clock } = this.#context;
    await recordDone(counter, clock, signal);
    const { winners } = await counter.results(signal);
    await sendInParts(peer, encodeWinners(winners), signal);
  }

  #confirm(version: Version): void {
    this.#context.peer.send(encodeCentral({ kind: "confirmation", version }));
  }
}
