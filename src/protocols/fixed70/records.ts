import { LineWriter } from "../line-writer.ts";
import {
  BIRTHDATE_AT,
  DOCUMENT_AT,
  FIRST_NAME_AT,
  LAST_NAME_AT,
  NUMBER_AT,
  RECORD_BYTES,
} from "./layout.ts";

/** Turns records into canonical lines. */
export class Records {
  readonly #writer = new LineWriter();

  /**
   * @param at of the first record
   * @returns the lines, valid until the next call
   */
  lines(bytes: Buffer, at: number, count: number): Buffer {
    this.#writer.clear();
    const record = new RecordReader(bytes);
    for (let index = 0; index < count; index++) {
      record.write(at + index * RECORD_BYTES, this.#writer);
    }
    return this.#writer.lines;
  }
}

/** The agency that a record says. */
export function agencyOf(bytes: Buffer, at: number): number {
  return bytes.readUInt32BE(at);
}

/** Four bytes at a time go through a view: `readUInt32BE` checks its argument anew for every field. */
class RecordReader {
  readonly #bytes: Buffer;
  readonly #words: DataView;

  constructor(bytes: Buffer) {
    this.#bytes = bytes;
    this.#words = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  }

  write(at: number, writer: LineWriter): void {
    writer.integer(this.#words.getUint32(at));
    this.#writeName(at + FIRST_NAME_AT, at + LAST_NAME_AT, writer);
    this.#writeName(at + LAST_NAME_AT, at + DOCUMENT_AT, writer);
    writer.integer(this.#words.getUint32(at + DOCUMENT_AT));
    const dateAt = this.#afterNuls(at + BIRTHDATE_AT, at + NUMBER_AT);
    writer.birthdate(this.#bytes, dateAt, this.#beforeNuls(dateAt, at + NUMBER_AT));
    writer.integer(this.#words.getUint32(at + NUMBER_AT));
    writer.endLine();
  }

  #writeName(start: number, end: number, writer: LineWriter): void {
    const first = this.#afterNuls(start, end);
    writer.name(this.#bytes, first, this.#beforeNuls(first, end));
  }

  #afterNuls(start: number, end: number): number {
    let at = start;
    while (at < end && this.#bytes[at] === 0) at++;
    return at;
  }

  /** Half of a name's room is padding: it is skipped four bytes at a time. */
  #beforeNuls(start: number, end: number): number {
    let at = end;
    while (at - 4 >= start && this.#words.getInt32(at - 4) === 0) at -= 4;
    while (at > start && this.#bytes[at - 1] === 0) at--;
    return at;
  }
}
