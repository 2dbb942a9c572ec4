import type { LinkError } from "../protocols/agency-link.ts";

/** How many fences a run explains with its own ghosts at most; the next fence is final. */
export const GHOST_FENCES_MAX = 16;

/**
 * How long a greeting that was given up may still reach the central. Systems try for about 100 seconds to
 * deliver the bytes of a closed connection.
 */
export const GHOST_LIFE_MS = 180_000;

/**
 * Ghosts are greetings that this agency gave up and that the central may still read later. Then the central
 * takes the ghost for a newer session, and fences the session that is really newer. So a fenced agency may
 * have been fenced by its own ghost, and tries again. It does so once for each ghost: when two real processes
 * run for one agency, the central must still end one of them for good.
 */
export class Ghosts {
  readonly #now: () => number;
  /** When each ghost was given up, oldest first; not more of them than fences that they may still explain. */
  #leftAtMs: number[] = [];
  #fencesLeft = GHOST_FENCES_MAX;

  /** @param now milliseconds of a clock that never goes back */
  constructor(now: () => number) {
    this.#now = now;
  }

  /**
   * Call it with the error of each failed attempt.
   *
   * @returns whether a ghost of ours explains the error: then another attempt may succeed
   */
  explain({ code, greetingLeft }: LinkError): boolean {
    if (this.#fencesLeft === 0) return false;
    if (greetingLeft) this.#leftAtMs = [...this.#leftAtMs, this.#now()].slice(-this.#fencesLeft);
    if (code !== "FENCED") return false;
    const oldest = this.#now() - GHOST_LIFE_MS;
    this.#leftAtMs = this.#leftAtMs.filter((leftAtMs) => leftAtMs >= oldest);
    // It is not known which ghost it was: take the oldest, which would expire first.
    if (this.#leftAtMs.shift() === undefined) return false;
    this.#fencesLeft--;
    return true;
  }
}
