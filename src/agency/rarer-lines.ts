/**
 * Decides which of many equal events are logged: the 1st, 2nd, 4th, 8th and so on. So an agency that waits
 * for its central for days logs a few lines instead of one every few seconds.
 */
export class RarerLines {
  readonly #counts = new Map<string, number>();

  /** @returns how often this event has happened since the last reset; undefined when it is not logged */
  next(event: string): number | undefined {
    const count = (this.#counts.get(event) ?? 0) + 1;
    this.#counts.set(event, count);
    return Number.isInteger(Math.log2(count)) ? count : undefined;
  }

  /** There was progress: the next event is logged again. */
  reset(): void {
    this.#counts.clear();
  }
}
