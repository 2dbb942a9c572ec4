import { afterLabel, keyBetween } from "./labels.ts";
import { KEYS, MARKS } from "./layout.ts";
import { afterSpace, beforeSpace } from "./white-space.ts";

// Constants of this module are known to the compiler; imported ones are fetched for every byte.
const { openingBrace: OPENING_BRACE, closingBrace: CLOSING_BRACE } = MARKS;
const { colon: COLON, comma: COMMA, bar: BAR } = MARKS;
const LF = 0x0a;
const SPACE = 0x20;

const NONE = -1;

const ALL_FOUND: number = (1 << KEYS.length) - 1;

/**
 * The values of one part of a payload, such as `{agency:1,nombre:Ana}`, found where they lie.
 *
 * It reads as the course's central does: braces, LF and spaces at both ends of the part are nothing,
 * commas part the pairs, the first colon parts key and value, and white space around these is nothing
 * either. Unknown keys are passed over, and the last of a repeated key counts.
 */
export class Pairs {
  /** Where the values of {@link KEYS} begin and end; meaningful for those that were found. */
  readonly starts: Int32Array = new Int32Array(KEYS.length);
  readonly ends: Int32Array = new Int32Array(KEYS.length);
  #found = 0;
  #sound = false;

  /** Every pair was one, and none of the keys is missing. */
  get complete(): boolean {
    return this.#sound && this.#found === ALL_FOUND;
  }

  /** Every pair was one, and this key was among them. @param key its index in {@link KEYS} */
  has(key: number): boolean {
    return this.#sound && (this.#found & (1 << key)) !== 0;
  }

  /**
   * @param words the same frame
   * @param split whether a `|` ends the part
   * @returns where the part ends: the index of its `|`, or the frame's length
   */
  read(frame: Uint8Array, words: DataView, start: number, split: boolean): number {
    // Where nothing is split, two marks end a pair as one does.
    const bar = split ? BAR : COMMA;
    this.#found = 0;
    this.#sound = true;
    let at = start;
    while (at < frame.length && isWrapping(frame[at] as number)) at++;
    for (let place = 0; ; place++) {
      // Clients write the keys in one order: the one whose turn it is need not be looked for.
      const valueAt = afterLabel(words, at, place);
      let end = valueAt === NONE ? at : valueAt;
      while (end < frame.length && frame[end] !== COMMA && frame[end] !== bar) end++;
      const last = end === frame.length || frame[end] !== COMMA;
      const textEnd = last ? beforeWrapping(frame, at, end) : end;
      if (valueAt === NONE) this.#findKey(frame, at, textEnd);
      else this.#enter(frame, place, valueAt, textEnd);
      if (last) return end;
      at = end + 1;
    }
  }

  #findKey(frame: Uint8Array, start: number, end: number): void {
    let colon = start;
    while (colon < end && frame[colon] !== COLON) colon++;
    if (colon === end) {
      this.#sound = false;
      return;
    }
    const keyAt = afterSpace(frame, start, colon);
    const key = keyBetween(frame, keyAt, beforeSpace(frame, keyAt, colon));
    if (key !== NONE) this.#enter(frame, key, colon + 1, end);
  }

  #enter(frame: Uint8Array, key: number, start: number, end: number): void {
    const valueAt = afterSpace(frame, start, end);
    this.starts[key] = valueAt;
    this.ends[key] = beforeSpace(frame, valueAt, end);
    this.#found |= 1 << key;
  }
}

function beforeWrapping(frame: Uint8Array, start: number, end: number): number {
  let at = end;
  while (at > start && isWrapping(frame[at - 1] as number)) at--;
  return at;
}

/** What the ends of a part are stripped of. */
function isWrapping(byte: number): boolean {
  return byte === OPENING_BRACE || byte === CLOSING_BRACE || byte === LF || byte === SPACE;
}
