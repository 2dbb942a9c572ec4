import { decimal, LineWriter } from "../line-writer.ts";
import { lineEnd } from "./framing.ts";
import { BET_FIELDS } from "./layout.ts";

/** The bets of one message. */
export interface BetsRead {
  readonly agency: number;
  readonly count: number;
  readonly lines: Uint8Array;
}

/** Makes canonical lines of bets that are six lines each. One buffer serves all batches. */
export class BetsReader {
  readonly #writer = new LineWriter();
  /** Where the fields of the bet at hand end. */
  readonly #ends = new Int32Array(BET_FIELDS);

  /**
   * @param start where the first bet begins
   * @param end where the bets end, right behind an LF
   * @returns its lines are valid until the next call
   */
  read(message: Uint8Array, start: number, end: number): BetsRead {
    this.#writer.clear();
    let count = 0;
    for (let at = start; at < end; count++) {
      const next = this.#cut(message, at, end);
      if (next !== undefined) this.#write(message, at);
      at = next ?? end;
    }
    const agency = count === 0 ? Number.NaN : decimal(message, start, lineEnd(message, start));
    return { agency, count, lines: this.#writer.lines };
  }

  /** @returns where the next bet begins; undefined when this one lacks lines */
  #cut(message: Uint8Array, start: number, end: number): number | undefined {
    let at = start;
    for (let field = 0; field < BET_FIELDS; field++) {
      if (at >= end) return undefined;
      const fieldEnd = lineEnd(message, at);
      this.#ends[field] = fieldEnd;
      at = fieldEnd + 1;
    }
    return at;
  }

  #write(message: Uint8Array, start: number): void {
    const ends = this.#ends;
    // By index: taking them out of the array all at once costs more than the fields themselves.
    const agency = ends[0] as number;
    const first = ends[1] as number;
    const last = ends[2] as number;
    const document = ends[3] as number;
    const birthdate = ends[4] as number;
    this.#writer
      .number(message, start, agency)
      .name(message, agency + 1, first)
      .name(message, first + 1, last)
      .document(message, last + 1, document)
      .birthdate(message, document + 1, birthdate)
      .number(message, birthdate + 1, ends[5] as number)
      .endLine();
  }
}
