import type { Place } from "../../lottery/batch.ts";
import type { AgencyId } from "../../lottery/bet.ts";
import type { ServeContext } from "../dialect.ts";
import { ProtocolError } from "../protocol-error.ts";
import { recordDone, submitPatiently, type Turn, type TurnTaker } from "../turns.ts";
import type { ColonLinesClientDecoder } from "./decode.ts";
import { encodeCentral } from "./encode.ts";
import { ANSWER_PIECE_BYTES } from "./layout.ts";
import type { BatchMessage, CentralMessage, ClientMessage } from "./messages.ts";

/** Does what the messages of one connection ask, and answers them. */
export class ColonLinesTaker implements TurnTaker<ClientMessage> {
  readonly dialect = "colon-lines";
  readonly decoder: ColonLinesClientDecoder;
  /** The line that comes next is a single bet, although it looks like a batch of one. */
  single = false;
  readonly #context: ServeContext;
  readonly #onFenced: () => void;
  /** The sender of the first message: a connection is one agency's. */
  #agency: number | undefined;
  #batches = 0;
  #hold: { release(): void } | undefined;

  constructor(context: ServeContext, decoder: ColonLinesClientDecoder, onFenced: () => void) {
    this.#context = context;
    this.decoder = decoder;
    this.#onFenced = onFenced;
  }

  /** The connection is gone, or another one has taken over. */
  release(): void {
    this.#hold?.release();
    this.#hold = undefined;
  }

  async take(message: ClientMessage, signal: AbortSignal): Promise<Turn> {
    const first = this.#agency === undefined;
    this.#agency ??= message.agency;
    if (this.#agency !== message.agency) throw unexpected("its sender is not that of the first");
    if (message.kind === "batch" && message.untyped && !first) throw unexpected("it has no type");
    // Single bets are alone: many agencies of exercise 5 may be the same one at the same time.
    if (first && !this.single) await this.#attend(message.agency, signal);
    switch (message.kind) {
      case "batch":
        return this.#register(message, signal);
      case "done":
        // The desk knows strangers, and tells the log of them.
        return this.#answer(await recordDone(this.#context, message.agency as AgencyId, signal));
      case "question":
        return this.#tellWinners(message.agency);
      default:
        return message satisfies never;
    }
  }

  refusal(): Uint8Array {
    return encodeCentral({ kind: "refused", untyped: this.single });
  }

  async #attend(agency: number, signal: AbortSignal): Promise<void> {
    const attended = await this.#context.desk.attend(agency, "");
    signal.throwIfAborted();
    if (attended.kind === "welcome") this.#hold = attended.hold(this.#onFenced);
  }

  async #register(message: BatchMessage, signal: AbortSignal): Promise<Turn> {
    const { count, lines, untyped } = message;
    const { single } = this;
    const agency = message.agency as AgencyId;
    const place: Place = single
      ? "alone"
      : this.#batches++ === 0
        ? "connection-start"
        : "following";
    const batch = { agency, count, lines, place, single };
    const { kind } = await submitPatiently(this.#context, batch, signal);
    return this.#answer(kind === "stored" || kind === "duplicate", untyped);
  }

  async #tellWinners(sender: number): Promise<Turn> {
    const { desk, peer } = this.#context;
    const agency = desk.known(sender);
    if (agency === undefined) {
      peer.log("warning", {
        action: "tell_winners",
        result: "fail",
        dialect: this.dialect,
        agency: sender,
        reason: "unknown-agency",
      });
      return this.#answer(false);
    }
    const results = await desk.resultsNow(agency);
    if (results === undefined) this.#send({ kind: "not-yet" });
    else await this.#sendWinners(encodeCentral({ kind: "winners", winners: results.winners }));
    return "next";
  }

  /** In one write wherever a client of the seed could read the answer at all. */
  async #sendWinners(answer: Buffer): Promise<void> {
    const { peer } = this.#context;
    for (let at = 0; at < answer.length; at += ANSWER_PIECE_BYTES) {
      if (at > 0) await new Promise<void>((resolve) => peer.whenDrained(resolve));
      peer.send(answer.subarray(at, at + ANSWER_PIECE_BYTES));
    }
  }

  /** After a refusal, and after a message without a type, the seed's server ends the connection. */
  #answer(positive: boolean, untyped = false): Turn {
    this.#send({ kind: positive ? "taken" : "refused", untyped });
    return positive && !untyped ? "next" : "end";
  }

  #send(message: CentralMessage): void {
    this.#context.peer.send(encodeCentral(message));
  }
}

function unexpected(state: string): ProtocolError {
  return new ProtocolError("UNEXPECTED_MESSAGE", `Cannot take message: ${state}`);
}
