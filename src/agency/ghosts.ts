import type { LinkError } from "../protocols/agency-link.ts";

/** Fences that a run takes for the work of its own ghosts; the next one is final whatever came before. */
export const GHOST_FENCES_MAX = 16;

/**
 * How long a greeting that was given up may still reach the central. Systems try to deliver what a
 * closed connection left behind for about 100 seconds.
 */
export const GHOST_LIFE_MS = 180_000;

/**
 * Ghosts are greetings that this agency gave up and that the central may have yet to read. The central
 * then takes the ghost for a newer session and fences the one that is really newer. So an agency that
 * is fenced may have been fenced by itself, and tries again: once for each ghost, so that of two real
 * processes of one agency the central still ends one for good.
 */
export class Ghosts {
  readonly #now: () => number;
  /** When each of them was given up, oldest first: at most as many as may still explain something. */
  #leftAtMs: number[] = [];
  #fencesLeft = GHOST_FENCES_MAX;

  /** @param now milliseconds of a clock that never goes back */
  constructor(now: () => number) {
    this.#now = now;
  }

  /**
   * Takes note of how an attempt failed.
   *
   * @returns whether a ghost of ours explains it: another attempt may succeed
   */
  explain({ code, greetingLeft }: LinkError): boolean {
    if (this.#fencesLeft === 0) return false;
    if (greetingLeft) this.#leftAtMs = [...this.#leftAtMs, this.#now()].slice(-this.#fencesLeft);
    if (code !== "FENCED") return false;
    const oldest = this.#now() - GHOST_LIFE_MS;
    this.#leftAtMs = this.#leftAtMs.filter((leftAtMs) => leftAtMs >= oldest);
    // Which one it was nobody can tell; the oldest would be the first to stop counting anyway.
    if (this.#leftAtMs.shift() === undefined) return false;
    this.#fencesLeft--;
    return true;
  }
}
