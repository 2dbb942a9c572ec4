import type { LineWriter } from "../line-writer.ts";
import { afterLabel } from "./labels.ts";
import { KEYS, MARKS } from "./layout.ts";
import { afterSpace, beforeSpace } from "./white-space.ts";

// As in pairs.ts: constants of this module are known to the compiler.
const { openingBrace: OPENING_BRACE, closingBrace: CLOSING_BRACE } = MARKS;
const { comma: COMMA, bar: BAR } = MARKS;
const ZERO = 0x30;
const NINE = 0x39;

const NONE = -1;

const LAST_PLACE: number = KEYS.length - 1;

/**
 * Writes the line of a part as nearly every one is: all keys in their order, nothing to strip but one
 * brace at each end, no name that takes quotes. In one pass, which takes a quarter to a third less time
 * than finding the values first ({@link ./pairs.ts}).
 *
 * @param words the same frame
 * @returns where the part ends: the index of its `|`, or the frame's length; -1 when it is not so, and
 * nothing is written
 */
export function writeUsualPart(
  writer: LineWriter,
  frame: Uint8Array,
  words: DataView,
  start: number,
): number {
  if (frame[start] !== OPENING_BRACE) return NONE;
  let at = start + 1;
  for (let place = 0; place <= LAST_PLACE; place++) {
    const valueAt = afterLabel(words, at, place);
    if (valueAt === NONE) break;
    if (place === 0 || place === LAST_PLACE) {
      const end = digitsEnd(frame, valueAt);
      writer.number(frame, valueAt, end);
      if (place === LAST_PLACE) return endPart(writer, frame, end);
      if (frame[end] !== COMMA) break;
      at = end + 1;
    } else {
      const end = writer.upTo(frame, valueAt, frame.length, COMMA, BAR);
      if (end === NONE || isSpaced(frame, valueAt, end)) break;
      at = end + 1;
    }
  }
  writer.dropLine();
  return NONE;
}

/** @param numberEnd where the last value ends */
function endPart(writer: LineWriter, frame: Uint8Array, numberEnd: number): number {
  const end = numberEnd + 1;
  if (frame[numberEnd] === CLOSING_BRACE && (end === frame.length || frame[end] === BAR)) {
    writer.endLine();
    return end;
  }
  writer.dropLine();
  return NONE;
}

function digitsEnd(frame: Uint8Array, start: number): number {
  let at = start;
  while (at < frame.length && (frame[at] as number) >= ZERO && (frame[at] as number) <= NINE) at++;
  return at;
}

function isSpaced(frame: Uint8Array, start: number, end: number): boolean {
  return afterSpace(frame, start, end) !== start || beforeSpace(frame, start, end) !== end;
}
