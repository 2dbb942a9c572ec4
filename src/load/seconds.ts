const SECOND_MS = 1000;

/** How much of something came in each second. */
export class Seconds {
  readonly #amounts: number[] = [];
  #before: number;

  /** @param total so far */
  constructor(total: number) {
    this.#before = total;
  }

  get amounts(): readonly number[] {
    return this.#amounts;
  }

  /** To be told often. @param goneMs since the beginning */
  tell(goneMs: number, total: number): void {
    if (goneMs >= (this.#amounts.length + 1) * SECOND_MS) this.end(total);
  }

  /** What is left makes a second of its own. */
  end(total: number): void {
    if (total > this.#before) this.#amounts.push(total - this.#before);
    this.#before = total;
  }
}
