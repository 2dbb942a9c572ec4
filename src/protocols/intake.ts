import type { Place, UnnumberedBatch } from "../lottery/batch.ts";
import type { AgencyId } from "../lottery/bet.ts";
import type { DeskVerdict } from "./desk.ts";
import type { ServeContext, Timers } from "./dialect.ts";

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

/** The batches of one connection on their way to the desk, each in its place. */
export class Intake {
  readonly #context: Waits;
  #place: Place;

  /** @param first what the first batch of a connection is in the dialect */
  constructor(context: Waits, first: "run-start" | "connection-start") {
    this.#context = context;
    this.#place = first;
  }

  /**
   * Waits where there is no room, since the dialect has no word for that.
   *
   * @returns whether the batch is stored, now or before
   * @throws the reason of `over`
   */
  async submit(
    { agency, count, lines, single }: DecodedBatch,
    over: AbortSignal,
  ): Promise<boolean> {
    const place = single ? "alone" : this.#place;
    const batch = { agency: agency as AgencyId, count, lines, place, single };
    const { kind } = await submitPatiently(this.#context, batch, over);
    over.throwIfAborted();
    const stored = kind === "stored" || kind === "duplicate";
    // A batch that is refused leaves no trace: the next one is the first that can tell of a run.
    if (stored && !single) this.#place = "following";
    return stored;
  }
}

/** What became of a batch in a dialect that cannot say "come back later". */
export type FinalVerdict = Exclude<DeskVerdict, { kind: "busy" }>;

type Waits = Pick<ServeContext, "desk" | "clock">;

/** By desk and agency: the newest batch that waits for its answer. */
const newest = new WeakMap<Waits["desk"], Map<AgencyId, object>>();

/**
 * Submits a batch, again and again while there is no room for it: its sender waits meanwhile.
 *
 * A sender that has given up waiting, and begins again on another connection, cannot be seen to have
 * gone while nothing is read from the first one. So what waits for room makes way for a later batch of
 * its agency: stored in the middle of that repetition, it would be stored twice.
 *
 * @param batch its bytes must stay as they are until this is over
 * @throws the signal's reason; an AbortError for a batch that has made way
 */
export async function submitPatiently(
  { desk, clock }: Waits,
  batch: UnnumberedBatch & { readonly single?: boolean },
  signal: AbortSignal,
): Promise<FinalVerdict> {
  const { agency } = batch;
  const waiting = newest.get(desk) ?? new Map<AgencyId, object>();
  newest.set(desk, waiting);
  waiting.set(agency, batch);
  try {
    for (;;) {
      const verdict = await new Promise<DeskVerdict>((settle) =>
        desk.submitUnnumbered(batch, settle),
      );
      if (verdict.kind !== "busy") return verdict;
      await pause(clock, verdict.retryAfterMs, signal);
      if (waiting.get(agency) !== batch) {
        throw new DOMException(`a later batch of agency ${agency} has come`, "AbortError");
      }
    }
  } finally {
    if (waiting.get(agency) === batch) waiting.delete(agency);
  }
}

/**
 * Records an agency as done, again and again while there is no room for that.
 *
 * @returns whether it is one of the draw's agencies
 * @throws the signal's reason; what the desk throws
 */
export async function recordDone(
  { desk, clock }: Waits,
  agency: AgencyId,
  signal: AbortSignal,
): Promise<boolean> {
  for (;;) {
    const verdict = await desk.done(agency);
    if (verdict.kind === "done") return true;
    if (verdict.kind !== "busy") return false;
    await pause(clock, verdict.retryAfterMs, signal);
  }
}

/** @throws the signal's reason */
function pause(clock: Timers, delayMs: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const aborted = (): void => {
      cancel();
      reject(signal.reason);
    };
    const cancel = clock.after(delayMs, () => {
      signal.removeEventListener("abort", aborted);
      resolve();
    });
    if (signal.aborted) aborted();
    else signal.addEventListener("abort", aborted, { once: true });
  });
}
