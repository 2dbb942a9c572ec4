import { pause } from "../../clock.ts";
import type { Place } from "../../lottery/batch.ts";
import type { Counter, Purpose } from "../counter.ts";
import type { ServeContext, Timers } from "../dialect.ts";
import type { Turn, TurnHost } from "./turns.ts";

/** A batch as a dialect without numbers decodes it. */
export interface DecodedBatch {
  readonly count: number;
  /** Canonical lines; they must not change until the batch is settled. */
  readonly lines: Uint8Array;
  /** A bet sent by itself. */
  readonly single: boolean;
}

/** Submits the batches of one connection to the counter, each with its place in the run. */
export class Intake {
  #place: Place;

  /** @param first the place of a connection's first batch in this dialect */
  constructor(first: "run-start" | "connection-start") {
    this.#place = first;
  }

  /**
   * Submits a batch, without promises: nearly all batches find room, and calls are faster.
   *
   * @param decoded its bytes must not change until the turn is over
   * @param host fails with an AbortError when the batch was superseded
   * @param answer sends the answer and says how the turn ends; not called once the conversation is over
   * @param answer.stored whether the batch is stored, now or before
   */
  submit(
    counter: Counter,
    { count, lines, single }: DecodedBatch,
    host: TurnHost,
    answer: (stored: boolean) => Turn,
  ): "due" {
    const place = single ? "alone" : this.#place;
    counter.submitUnnumbered({ count, lines, place, single }, (verdict) => {
      if (host.isOver) return;
      if (verdict.kind === "superseded") {
        const why = `a later batch of agency ${counter.agency} has come`;
        host.failed(new DOMException(why, "AbortError"));
        return;
      }
      const stored = verdict.kind === "stored" || verdict.kind === "duplicate";
      // A refused batch leaves no trace: so the next one is still the first of the connection.
      if (stored && !single) this.#place = "following";
      host.answered(answer(stored));
    });
    return "due";
  }
}

/**
 * The counter of the agency that a peer names, for dialects that do not name a draw.
 *
 * @param wants for the log of a refusal [a refusal is not logged]
 * @returns undefined when the draw has no such agency
 * @throws DOMException AbortError when the peer has not proven to be this agency: the conversation ends without
 * an answer, whatever the dialect would send to others
 */
export function admitted(
  { admitter }: Pick<ServeContext, "admitter">,
  agency: number,
  wants?: Purpose,
): Counter | undefined {
  const admission = admitter.admit({ draw: "", agency, wants });
  if (admission.kind === "counter") return admission;
  if (admission.kind === "unproven") {
    throw new DOMException(`it is not proven that the peer is agency ${agency}`, "AbortError");
  }
  return undefined;
}

/**
 * Records that an agency is done, and tries again while there is no room for the record.
 *
 * @returns whether it is recorded
 * @throws the signal's reason; StoreError
 */
export async function recordDone(
  counter: Counter,
  clock: Timers,
  signal: AbortSignal,
): Promise<boolean> {
  for (;;) {
    const verdict = await counter.done();
    if (verdict.kind !== "busy") return verdict.kind === "done";
    await pause(clock, verdict.retryAfterMs, signal);
  }
}
