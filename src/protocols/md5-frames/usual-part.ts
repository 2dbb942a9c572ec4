import { type LineWriter, MARKS as QUOTED } from "../line-writer.ts";
import { afterLabel } from "./labels.ts";
import { KEYS, MARKS } from "./layout.ts";
import { afterSpace, beforeSpace } from "./white-space.ts";

// As in pairs.ts: constants of this module are known to the compiler.
const { openingBrace: OPENING_BRACE, closingBrace: CLOSING_BRACE } = MARKS;
const { comma: COMMA, bar: BAR } = MARKS;
const SPACE = 0x20;
const ZERO = 0x30;
const ASCII_END = 0x80;

const NONE = -1;

/** 1 for the bytes that end a value, or that make it take quotes. */
const STOPS = Uint8Array.from({ length: 256 }, (_, byte) =>
  QUOTED[byte] === 1 || [OPENING_BRACE, CLOSING_BRACE, BAR].some((mark) => mark === byte) ? 1 : 0,
);

const LAST_PLACE: number = KEYS.length - 1;

/**
 * Writes the line of a part as nearly every one is: all keys in their order, nothing to strip but one
 * brace at each end, no name that takes quotes, no number that begins with a zero. In one pass, which
 * takes half the time of finding the values first ({@link ./pairs.ts}).
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
  const into = writer.room(frame.length - start);
  let to = writer.at;
  let at = start;
  for (let place = 0; ; place++) {
    const valueAt = afterLabel(words, at + 1, place);
    if (valueAt === NONE) return NONE;
    for (at = valueAt; at < frame.length; at++) {
      const byte = frame[at] as number;
      if (STOPS[byte] === 1) break;
      into[to++] = byte;
    }
    if (at === valueAt || at === frame.length) return NONE;
    if (!isBare(frame[valueAt]) || !isBare(frame[at - 1])) {
      if (isSpaced(frame, valueAt, at)) return NONE;
    }
    const isNumber = place === 0 || place === LAST_PLACE;
    if (isNumber && frame[valueAt] === ZERO && at - valueAt > 1) return NONE;
    if (place === LAST_PLACE) break;
    if (frame[at] !== COMMA) return NONE;
    into[to++] = COMMA;
  }
  const end = at + 1;
  if (frame[at] !== CLOSING_BRACE || (end < frame.length && frame[end] !== BAR)) return NONE;
  writer.wrote(to);
  return end;
}

/** Neither white space nor a part of some. */
function isBare(byte: number | undefined): boolean {
  return byte !== undefined && byte > SPACE && byte < ASCII_END;
}

function isSpaced(frame: Uint8Array, start: number, end: number): boolean {
  return afterSpace(frame, start, end) !== start || beforeSpace(frame, start, end) !== end;
}
