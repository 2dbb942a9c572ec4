/**
 * Which of many equal events are logged: the 1st, 2nd, 4th, 8th and so on. An agency may wait for its
 * central for days, and says so in a few lines instead of one every few seconds.
 */
export class RarerLines {
  readonly #counts = new Map<string, number>();

  /** @returns how often this event has happened since the last reset; undefined when it is not to be logged */
  next(event: string): number | undefined {
    const count = (this.#counts.get(event) ?? 0) + 1;
    this.#counts.set(event, count);
    return Number.isInteger(Math.log2(count)) ? count : undefined;
  }

  /** There was progress: what happens next is news again. */
  reset(): void {
    this.#counts.clear();
  }
}
