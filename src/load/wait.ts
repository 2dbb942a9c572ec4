import type { Clock } from "../clock.ts";

/** How often something is done while a load is on. */
const TURN_MS = 200;

export interface Waiting {
  readonly clock: Clock;
  readonly startMs: number;
  /** Infinity: until it is quiet. */
  readonly durationMs: number;
  /** What is waited for. */
  readonly quiet: Promise<unknown>;
  readonly signal: AbortSignal | undefined;
  /** Called several times a second, not more: the load goes on meanwhile. */
  readonly onTurn: (goneMs: number, nowMs: number) => void;
}

/**
 * Resolves when the time is over, when the load is quiet or when somebody aborts, whichever is first.
 *
 * @throws what `quiet` rejects with
 */
export async function wait(waiting: Waiting): Promise<void> {
  const { clock, startMs, durationMs, quiet, signal, onTurn } = waiting;
  if (signal?.aborted === true) {
    // Nobody is left to be told how it ends.
    quiet.catch(nothing);
    return;
  }
  const timer = { cancel: nothing };
  let finish = nothing;
  const over = new Promise<void>((resolve) => {
    finish = resolve;
    const turn = (): void => {
      const nowMs = clock.nowMs();
      const goneMs = nowMs - startMs;
      onTurn(goneMs, nowMs);
      if (goneMs >= durationMs) resolve();
      else timer.cancel = clock.after(Math.min(TURN_MS, durationMs - goneMs), turn);
    };
    turn();
  });
  signal?.addEventListener("abort", finish, { once: true });
  try {
    await Promise.race([over, quiet]);
  } finally {
    timer.cancel();
    signal?.removeEventListener("abort", finish);
  }
}

function nothing(): void {
  // Until there is something to do.
}
