import { decimal, LineWriter } from "../../kit/line-writer.ts";
import { lineEnd } from "./framing.ts";
import { BET_FIELDS, LF } from "./layout.ts";

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
    for (let at = start; at < end; count++) at = this.#copy(message, at, end);
    const agency = count === 0 ? Number.NaN : decimal(message, start, lineEnd(message, start));
    return { agency, count, lines: this.#writer.lines };
  }

  /** @returns where the next bet begins; `end` when this one lacks lines, and nothing is written */
  #copy(message: Uint8Array, start: number, end: number): number {
    const writer = this.#writer;
    const agencyEnd = lineEnd(message, start);
    writer.number(message, start, agencyEnd);
    const last = writer.rest(message, agencyEnd + 1, end, LF, LF);
    if (last >= 0) {
      writer.endLine();
      return last + 1;
    }
    writer.dropLine();
    const next = this.#cut(message, start, end);
    if (next !== undefined) this.#write(message, start);
    return next ?? end;
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

  /** A bet in which a name takes quotes, or a number loses zeros; or none. */
  #write(message: Uint8Array, start: number): void {
    const [agency = 0, first = 0, last = 0, document = 0, birthdate = 0, number = 0] = this.#ends;
    this.#writer
      .number(message, start, agency)
      .name(message, agency + 1, first)
      .name(message, first + 1, last)
      .document(message, last + 1, document)
      .birthdate(message, document + 1, birthdate)
      .number(message, birthdate + 1, number)
      .endLine();
  }
}
