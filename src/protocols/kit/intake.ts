import { pause } from "../../clock.ts";
import type { Place } from "../../lottery/batch.ts";
import type { Counter, Purpose } from "../counter.ts";
import type { ServeContext, Timers } from "../dialect.ts";
import type { Turn, TurnHost } from "./turns.ts";

/** What a dialect without numbers decodes of a batch. */
export interface DecodedBatch {
  readonly count: number;
  /** Canonical lines; they must stay as they are until the batch is settled. */
  readonly lines: Uint8Array;
  /** A bet sent by itself. */
  readonly single: boolean;
}

/** The batches of one connection on their way to the counter, each in its place. */
export class Intake {
  #place: Place;

  /** @param first what the first batch of a connection is in the dialect */
  constructor(first: "run-start" | "connection-start") {
    this.#place = first;
  }

  /**
   * Takes no promises: nearly all batches find room, and are settled by calls alone.
   *
   * @param decoded its bytes must stay as they are until the turn is over
   * @param host fails with an AbortError where the batch was superseded
   * @param answer given to the host as the turn's end; not called once the conversation is over
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
      // A batch that is refused leaves no trace: the next one is the first that can tell of a run.
      if (stored && !single) this.#place = "following";
      host.answered(answer(stored));
    });
    return "due";
  }
}

/**
 * The counter of the agency that a peer names, for dialects that know no draws.
 *
 * @param wants for the log of a refusal [it is not logged]
 * @returns undefined for who is none of the draw's agencies
 */
export function admitted(
  { admitter }: Pick<ServeContext, "admitter">,
  agency: number,
  wants?: Purpose,
): Counter | undefined {
  const admission = admitter.admit({ draw: "", agency, wants });
  return admission.kind === "counter" ? admission : undefined;
}

/**
 * Records an agency as done, again and again while there is no room for that.
 *
 * @returns whether that agrees with what is stored
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
