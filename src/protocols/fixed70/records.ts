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
    for (let index = 0; index < count; index++) {
      writeRecord(bytes, at + index * RECORD_BYTES, this.#writer);
    }
    return this.#writer.lines;
  }
}

/** The agency that a record says. */
export function agencyOf(bytes: Buffer, at: number): number {
  return bytes.readUInt32BE(at);
}

function writeRecord(bytes: Buffer, at: number, writer: LineWriter): void {
  writer.integer(agencyOf(bytes, at));
  writeName(bytes, at + FIRST_NAME_AT, at + LAST_NAME_AT, writer);
  writeName(bytes, at + LAST_NAME_AT, at + DOCUMENT_AT, writer);
  writer.integer(bytes.readUInt32BE(at + DOCUMENT_AT));
  const dateAt = afterNuls(bytes, at + BIRTHDATE_AT, at + NUMBER_AT);
  writer.birthdate(bytes, dateAt, beforeNuls(bytes, dateAt, at + NUMBER_AT));
  writer.integer(bytes.readUInt32BE(at + NUMBER_AT));
  writer.endLine();
}

function writeName(bytes: Buffer, start: number, end: number, writer: LineWriter): void {
  const first = afterNuls(bytes, start, end);
  writer.name(bytes, first, beforeNuls(bytes, first, end));
}

function afterNuls(bytes: Buffer, start: number, end: number): number {
  let at = start;
  while (at < end && bytes[at] === 0) at++;
  return at;
}

/** Half of a name's room is padding: it is skipped four bytes at a time. */
function beforeNuls(bytes: Buffer, start: number, end: number): number {
  let at = end;
  while (at - 4 >= start && isZeroWord(bytes, at - 4)) at -= 4;
  while (at > start && bytes[at - 1] === 0) at--;
  return at;
}

function isZeroWord(bytes: Buffer, at: number): boolean {
  const first = (bytes[at] as number) | (bytes[at + 1] as number);
  return (first | (bytes[at + 2] as number) | (bytes[at + 3] as number)) === 0;
}
