import type { Conversation } from "../../conversation.ts";
import type { ServeContext, Timers } from "../../dialect.ts";
import { admitted, Intake, recordDone } from "../../kit/intake.ts";
import { sendInParts } from "../../kit/send-in-parts.ts";
import {
  serveTurns,
  type Taken,
  type Turn,
  type TurnHost,
  type TurnTaker,
} from "../../kit/turns.ts";
import { ProtocolError } from "../../protocol-error.ts";
import { createFixed70ClientDecoder } from "./decode.ts";
import { encodeCentral, encodeWinners } from "./encode.ts";
import {
  type Batch,
  type ClientMessage,
  EMPTY_BATCH_PAUSE_MS,
  OPENING_PAUSE_MS,
  type Version,
  type Zero,
} from "./wire.ts";

/** The central's side of one fixed70 connection, in any version: docs/protocols/fixed70.md. */
export function serveFixed70(context: ServeContext): Conversation<ClientMessage> {
  return serveTurns(context, new Fixed70Taker(context));
}

/** Handles and answers the messages of one connection. */
export class Fixed70Taker implements TurnTaker<ClientMessage> {
  readonly decoder: TurnTaker<ClientMessage>["decoder"];
  readonly #context: ServeContext;
  readonly #intake: Intake;
  readonly #zeros: ZeroReader;
  #greeted = false;
  /** An answer is delayed: the peer must not send anything before it. */
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
    // The dialect has no answer for a refusal.
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

/** What a count of zero means. */
export type ZeroMeaning =
  /** All bets are sent, and the agency asks for its winners. */
  | "end"
  /** A batch without bets: it is confirmed, and the end follows. */
  | "empty-batch"
  /** The same, as the first message of a connection. */
  | "opening";

/**
 * Finds out what a zero means.
 *
 * The course's client finds the end of its file by a batch that is not full. When its last batch is full, it
 * sends an empty batch, which is a zero like the end, but needs a confirmation; the end follows. So a zero is
 * an empty batch when it comes first, or after a batch as large as the largest. A single batch is always the
 * largest: then only the time decides, because the client sleeps after a full batch.
 */
export class ZeroReader {
  readonly #clock: Pick<Timers, "nowMs">;
  #batches = 0;
  #largest = 0;
  #last = 0;
  #confirmedAtMs = 0;
  #emptyBatch = false;

  constructor(clock: Pick<Timers, "nowMs">) {
    this.#clock = clock;
  }

  batchConfirmed(count: number): void {
    this.#batches++;
    this.#last = count;
    this.#largest = Math.max(this.#largest, count);
    this.#confirmedAtMs = this.#clock.nowMs();
  }

  read(): ZeroMeaning {
    if (this.#emptyBatch || !this.#lastMayBeFull()) return "end";
    this.#emptyBatch = true;
    return this.#batches === 0 ? "opening" : "empty-batch";
  }

  #lastMayBeFull(): boolean {
    if (this.#batches !== 1) return this.#last === this.#largest;
    return this.#clock.nowMs() - this.#confirmedAtMs >= EMPTY_BATCH_PAUSE_MS;
  }
}
