import type { LineWriter } from "../line-writer.ts";
import { COMMA, LF } from "./layout.ts";

/**
 * Writes the lines of a body as canonical lines of the sender, one for each, whatever they hold: a
 * line that is no bet becomes one that is no canonical line, so that the whole batch is refused.
 *
 * @param message its sender is its first `senderBytes`, its last two bytes are CR LF
 * @param start where the body begins
 */
export function writeBetLines(
  writer: LineWriter,
  message: Uint8Array,
  senderBytes: number,
  start: number,
): void {
  const end = message.length - 2;
  let at = start;
  while (at < end) {
    const first = fieldEnd(message, at);
    const last = message[first] === COMMA ? fieldEnd(message, first + 1) : first;
    const document = message[last] === COMMA ? fieldEnd(message, last + 1) : last;
    const birthdate = message[document] === COMMA ? fieldEnd(message, document + 1) : document;
    const number = message[birthdate] === COMMA ? fieldEnd(message, birthdate + 1) : birthdate;
    // The LF must be the body's: that of the message's CR LF ends a line that was cut short.
    if (message[birthdate] !== COMMA || message[number] !== LF || number >= end) {
      at = writeOddLine(writer, message, senderBytes, at, end);
      continue;
    }
    writer
      .number(message, 0, senderBytes)
      .name(message, at, first)
      .name(message, first + 1, last)
      .document(message, last + 1, document)
      .birthdate(message, document + 1, birthdate)
      .number(message, birthdate + 1, number)
      .endLine();
    at = number + 1;
  }
}

/** Where the field that begins at `start` ends: there is a COMMA or an LF, at the latest the last. */
function fieldEnd(message: Uint8Array, start: number): number {
  let at = start;
  let byte = message[at] as number;
  while (byte !== COMMA && byte !== LF) byte = message[++at] as number;
  return at;
}

/** @returns where the next line begins */
function writeOddLine(
  writer: LineWriter,
  message: Uint8Array,
  senderBytes: number,
  start: number,
  end: number,
): number {
  writer.number(message, 0, senderBytes);
  let at = start;
  let fields = 0;
  for (;;) {
    const fieldAt = at;
    at = Math.min(fieldEnd(message, at), end);
    writer.name(message, fieldAt, at);
    fields++;
    if (at === end || message[at] === LF) break;
    at++;
  }
  // A line that only lacks its end must not pass for a bet either.
  if (fields === BET_FIELDS) writer.name(message, at, at);
  writer.endLine();
  return at + 1;
}

const BET_FIELDS = 5;
