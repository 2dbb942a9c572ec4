import type { Clock } from "../clock.ts";

/** The time of day, perhaps in doubt: it is not before the one nor after the other. */
export interface TimeOfDay {
  readonly earliestMs: number;
  readonly latestMs: number;
}

/** A difference of two readings that no drift and no slow correction makes. */
const JUMP_MS = 2000;
/** After so long without a look nobody has watched the clock. A machine that sleeps does not count this time. */
const UNWATCHED_MS = 10_000;
/** How long a jump is doubted. After that the new time is the time. */
const SETTLE_MS = 60_000;

/**
 * The time of day with its jumps: somebody sets the clock, or a virtual machine wakes up. What happens at a
 * time of day and cannot be undone, as the close of a draw, must not happen because of a mistake that is put
 * right a minute later. So for a minute after a jump both times count, the new one and the one without it.
 */
export class WatchedClock {
  readonly #clock: Pick<Clock, "nowMs" | "date">;
  readonly #onJump: (byMs: number) => void;
  /** The time of day at the moment 0 of the clock that never goes back. */
  #originMs: number;
  #readAtMs: number;
  #jump: { readonly originMs: number; readonly atMs: number } | undefined;

  /** @param onJump told by how many milliseconds the clock has jumped; negative when it went back */
  constructor(clock: Pick<Clock, "nowMs" | "date">, onJump: (byMs: number) => void) {
    this.#clock = clock;
    this.#onJump = onJump;
    this.#readAtMs = clock.nowMs();
    this.#originMs = clock.date().getTime() - this.#readAtMs;
  }

  /** Call it at least once a second while a time of day matters: a jump counts from when it is seen. */
  read(): TimeOfDay {
    const nowMs = this.#clock.nowMs();
    const dateMs = this.#clock.date().getTime();
    const originMs = dateMs - nowMs;
    if (nowMs - this.#readAtMs > UNWATCHED_MS) {
      // Nothing depended on the time: whatever was done to the clock meanwhile is the time.
      this.#originMs = originMs;
      this.#jump = undefined;
    }
    this.#readAtMs = nowMs;
    const known = this.#jump?.originMs ?? this.#originMs;
    if (Math.abs(originMs - known) > JUMP_MS) {
      this.#onJump(originMs - known);
      const back = Math.abs(originMs - this.#originMs) <= JUMP_MS;
      this.#jump = back ? undefined : { originMs, atMs: nowMs };
    } else if (this.#jump === undefined || nowMs - this.#jump.atMs >= SETTLE_MS) {
      this.#originMs = originMs;
      this.#jump = undefined;
    }
    const withoutJumpMs = this.#originMs + nowMs;
    return {
      earliestMs: Math.min(dateMs, withoutJumpMs),
      latestMs: Math.max(dateMs, withoutJumpMs),
    };
  }
}
