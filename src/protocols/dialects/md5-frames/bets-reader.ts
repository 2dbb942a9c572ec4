import { decimal, LineWriter } from "../../kit/line-writer.ts";
import { wordsOf } from "./labels.ts";
import { IDENTIFIER_AT, PAYLOAD_AT } from "./layout.ts";
import type { Batch } from "./messages.ts";
import { Pairs } from "./pairs.ts";
import { writeUsualPart } from "./usual-part.ts";

// Places in KEYS.
const AGENCY = 0;
const FIRST_NAME = 1;
const LAST_NAME = 2;
const DOCUMENT = 3;
const BIRTHDATE = 4;
const NUMBER = 5;

/**
 * Turns payloads into canonical lines. A part that is no bet becomes a line that cannot be one, so
 * that whoever checks the lines refuses the whole batch.
 */
export class BetsReader {
  readonly #writer = new LineWriter();
  readonly #pairs = new Pairs();

  /** Bets with bars between them. */
  batch(frame: Buffer): Batch {
    return this.#read(frame, false);
  }

  /** One bet: in it a bar is a letter like any other. */
  single(frame: Buffer): Batch {
    return this.#read(frame, true);
  }

  /** The agency that a payload tells; 0 for none. */
  agency(frame: Buffer): number {
    this.#pairs.read(frame, wordsOf(frame), PAYLOAD_AT, false);
    return this.#agency(frame);
  }

  #read(frame: Buffer, single: boolean): Batch {
    const writer = this.#writer;
    const pairs = this.#pairs;
    writer.clear();
    const words = wordsOf(frame);
    let end = pairs.read(frame, words, PAYLOAD_AT, !single);
    const agency = this.#agency(frame);
    this.#write(frame, PAYLOAD_AT, end);
    while (end < frame.length) {
      const at = end + 1;
      end = writeUsualPart(writer, frame, words, at);
      if (end >= 0) continue;
      end = pairs.read(frame, words, at, true);
      this.#write(frame, at, end);
    }
    const identifier = identifierOf(frame);
    const { count, lines } = writer;
    return { kind: "batch", identifier, single, agency, count, lines };
  }

  /** The agency of the part that was read. */
  #agency(frame: Buffer): number {
    const { starts, ends } = this.#pairs;
    if (!this.#pairs.has(AGENCY)) return 0;
    return decimal(frame, starts[AGENCY] as number, ends[AGENCY] as number) || 0;
  }

  /** Writes the line of the part that was read, which is between `start` and `end`. */
  #write(frame: Buffer, start: number, end: number): void {
    const writer = this.#writer;
    const { starts, ends, complete } = this.#pairs;
    if (!complete) {
      writer.number(frame, start, end).endLine();
      return;
    }
    writer
      .number(frame, starts[AGENCY] as number, ends[AGENCY] as number)
      .name(frame, starts[FIRST_NAME] as number, ends[FIRST_NAME] as number)
      .name(frame, starts[LAST_NAME] as number, ends[LAST_NAME] as number)
      .document(frame, starts[DOCUMENT] as number, ends[DOCUMENT] as number)
      .birthdate(frame, starts[BIRTHDATE] as number, ends[BIRTHDATE] as number)
      .number(frame, starts[NUMBER] as number, ends[NUMBER] as number)
      .endLine();
  }
}

/** The identifier of a frame: a view. */
export function identifierOf(frame: Buffer): Buffer {
  return frame.subarray(IDENTIFIER_AT, PAYLOAD_AT);
}
