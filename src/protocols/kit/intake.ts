import type { Place, UnnumberedBatch } from "../../lottery/batch.ts";
import type { AgencyId } from "../../lottery/bet.ts";
import type { DeskVerdict } from "../desk.ts";
import type { ServeContext } from "../dialect.ts";
import { pause } from "../../clock.ts";
import type { Turn, TurnHost } from "./turns.ts";

/** What a dialect without numbers decodes of a batch. */
export interface DecodedBatch {
  /** Whatever number a peer sent: the desk refuses what it does not know. */
  readonly agency: number;
  readonly count: number;
  /** Canonical lines; they must stay as they are until the batch is settled. */
  readonly lines: Uint8Array;
  /** A bet sent by itself. */
  readonly single: boolean;
}

/**
 * The batches of one connection on their way to the desk, each in its place.
 *
 * Where there is no room they wait, since the dialect has no word for that, and are submitted again and
 * again. A sender that has given up waiting, and begins again on another connection, cannot be seen to
 * have gone while nothing is read from the first one. So what waits for room makes way for a later batch
 * of its agency: stored in the middle of that repetition, it would be stored twice.
 */
export class Intake {
  readonly #context: IntakeContext;
  #place: Place;

  /** @param first what the first batch of a connection is in the dialect */
  constructor(context: IntakeContext, first: "run-start" | "connection-start") {
    this.#context = context;
    this.#place = first;
  }

  /**
   * Only what has to wait takes promises: a batch that finds room, as nearly all do, is settled by calls
   * alone.
   *
   * @param decoded its bytes must stay as they are until the turn is over
   * @param host fails with an AbortError where the batch has made way
   * @param answer given to the host as the turn's end; not called once the conversation is over
   * @param answer.stored whether the batch is stored, now or before
   */
  submit(decoded: DecodedBatch, host: TurnHost, answer: (stored: boolean) => Turn): "due" {
    const { agency, count, lines, single } = decoded;
    const place = single ? "alone" : this.#place;
    const batch: Submitted = { agency: agency as AgencyId, count, lines, place, single };
    this.#context.newest.set(batch.agency, batch);
    this.#offer(batch, host, answer);
    return "due";
  }

  #offer(batch: Submitted, host: TurnHost, answer: (stored: boolean) => Turn): void {
    const { desk, peer } = this.#context;
    const settle = (verdict: DeskVerdict): void => {
      if (verdict.kind === "busy") {
        void this.#offerAgain(batch, verdict.retryAfterMs, host, answer);
        return;
      }
      this.#forget(batch);
      if (host.isOver) return;
      const stored = verdict.kind === "stored" || verdict.kind === "duplicate";
      // A batch that is refused leaves no trace: the next one is the first that can tell of a run.
      if (stored && !batch.single) this.#place = "following";
      host.answered(answer(stored));
    };
    desk.submitUnnumbered(batch, settle, peer);
  }

  async #offerAgain(
    batch: Submitted,
    delayMs: number,
    host: TurnHost,
    answer: (stored: boolean) => Turn,
  ): Promise<void> {
    const { clock, newest } = this.#context;
    try {
      await pause(clock, delayMs, host.over);
      if (newest.get(batch.agency) !== batch) {
        throw new DOMException(`a later batch of agency ${batch.agency} has come`, "AbortError");
      }
      this.#offer(batch, host, answer);
    } catch (error) {
      this.#forget(batch);
      host.failed(error);
    }
  }

  #forget(batch: Submitted): void {
    const { newest } = this.#context;
    if (newest.get(batch.agency) === batch) newest.delete(batch.agency);
  }
}

type IntakeContext = Pick<ServeContext, "desk" | "peer" | "clock" | "newest">;

type Submitted = UnnumberedBatch & { readonly single: boolean };

/**
 * Records an agency as done, again and again while there is no room for that.
 *
 * @returns whether it is one of the draw's agencies
 * @throws the signal's reason; what the desk throws
 */
export async function recordDone(
  { desk, peer, clock }: Pick<ServeContext, "desk" | "peer" | "clock">,
  agency: AgencyId,
  signal: AbortSignal,
): Promise<boolean> {
  for (;;) {
    const verdict = await desk.done(agency, undefined, peer);
    if (verdict.kind === "done") return true;
    if (verdict.kind !== "busy") return false;
    await pause(clock, verdict.retryAfterMs, signal);
  }
}
