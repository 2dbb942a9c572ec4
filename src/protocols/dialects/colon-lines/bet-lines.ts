import type { LineWriter } from "../../kit/line-writer.ts";
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
    writer.number(message, 0, senderBytes);
    // A bet's line is a canonical one without its agency, nearly always.
    let lf = writer.rest(message, at, end, COMMA, LF);
    if (lf < 0) lf = writeUncommonLine(writer, message, at, end);
    writer.endLine();
    at = lf + 1;
  }
}

/**
 * A line in which a name takes quotes, or a number loses zeros; or one that is no bet's.
 * @returns where it ends
 */
function writeUncommonLine(
  writer: LineWriter,
  message: Uint8Array,
  start: number,
  bodyEnd: number,
): number {
  // The last LF is the message's own: a line that has no other was cut short.
  const lf = message.indexOf(LF, start);
  const end = Math.min(lf, bodyEnd);
  const fields = fieldsOf(message, start, end);
  if (fields.length === BET_FIELDS && lf < bodyEnd) {
    const [first, last, document, birthdate, number] = fields as [
      Field,
      Field,
      Field,
      Field,
      Field,
    ];
    writer
      .name(message, ...first)
      .name(message, ...last)
      .document(message, ...document)
      .birthdate(message, ...birthdate)
      .number(message, ...number);
    return end;
  }
  for (const field of fields) writer.name(message, ...field);
  // With the agency these would be the fields of a canonical line: one more, lest it pass for one.
  if (fields.length === BET_FIELDS) writer.name(message, end, end);
  return end;
}

const BET_FIELDS = 5;

/** Where a field begins and ends. */
type Field = readonly [start: number, end: number];

function fieldsOf(message: Uint8Array, start: number, end: number): Field[] {
  const fields: Field[] = [];
  let fieldAt = start;
  for (let at = start; at <= end; at++) {
    if (at < end && message[at] !== COMMA) continue;
    fields.push([fieldAt, at]);
    fieldAt = at + 1;
  }
  return fields;
}
