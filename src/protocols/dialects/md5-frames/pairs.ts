import { KEYS, MARKS } from "./wire.ts";

// Copies of imported constants: the compiler knows the constants of this module, and reads imported ones for
// every byte.
const { openingBrace: OPENING_BRACE, closingBrace: CLOSING_BRACE } = MARKS;
const { colon: COLON, comma: COMMA, bar: BAR } = MARKS;
const LF = 0x0a;
const SPACE = 0x20;

/** The result of a search that finds nothing. */
const NONE = -1;

const ALL_FOUND: number = (1 << KEYS.length) - 1;

/**
 * Finds the values of one part of a payload, such as `{agency:1,nombre:Ana}`, in place.
 *
 * It reads as the course's central does. Braces, LF and spaces at both ends of the part are ignored. Commas
 * separate the pairs, the first colon separates key and value, and white space around both is ignored.
 * Unknown keys are skipped, and of a repeated key the last value counts.
 */
export class Pairs {
  /** Where the values of {@link KEYS} begin and end; only valid for keys that were found. */
  readonly starts: Int32Array = new Int32Array(KEYS.length);
  readonly ends: Int32Array = new Int32Array(KEYS.length);
  #found = 0;
  #sound = false;

  /** Whether every pair had a colon, and no key is missing. */
  get complete(): boolean {
    return this.#sound && this.#found === ALL_FOUND;
  }

  /** Whether every pair had a colon, and this key was found. @param key its index in {@link KEYS} */
  has(key: number): boolean {
    return this.#sound && (this.#found & (1 << key)) !== 0;
  }

  /**
   * @param words the same frame
   * @param split whether a `|` ends the part
   * @returns where the part ends: the index of its `|`, or the frame's length
   */
  read(frame: Uint8Array, words: DataView, start: number, split: boolean): number {
    // When `|` does not end a part, only the comma ends a pair.
    const bar = split ? BAR : COMMA;
    this.#found = 0;
    this.#sound = true;
    let at = start;
    while (at < frame.length && isWrapping(frame[at] as number)) at++;
    for (let place = 0; ; place++) {
      // Clients write the keys in a fixed order: try the next key of that order before searching.
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

/** Whether the byte is ignored at the ends of a part. */
function isWrapping(byte: number): boolean {
  return byte === OPENING_BRACE || byte === CLOSING_BRACE || byte === LF || byte === SPACE;
}

/** A key and its colon, as three words that overlap: comparing words is faster than comparing bytes. */
interface Label {
  readonly bytes: Uint8Array;
  readonly first: number;
  readonly middle: number;
  readonly last: number;
}

const WORD_BYTES = 4;

const LABELS: readonly Label[] = KEYS.map((key) => {
  const bytes = Buffer.from(`${key}:`);
  const words = wordsOf(bytes);
  return {
    bytes,
    first: words.getInt32(0),
    middle: words.getInt32(middleOf(bytes.length)),
    last: words.getInt32(bytes.length - WORD_BYTES),
  };
});

/** A frame's bytes as {@link afterLabel} needs them. */
export function wordsOf(frame: Uint8Array): DataView {
  return new DataView(frame.buffer, frame.byteOffset, frame.length);
}

/** @returns where the value after the label of `place` begins; -1 when that label is not at `at` */
export function afterLabel(frame: DataView, at: number, place: number): number {
  if (place >= LABELS.length) return NONE;
  const { bytes, first, middle, last } = LABELS[place] as Label;
  const end = at + bytes.length;
  if (end > frame.byteLength || frame.getInt32(at) !== first) return NONE;
  if (frame.getInt32(at + middleOf(bytes.length)) !== middle) return NONE;
  return frame.getInt32(end - WORD_BYTES) === last ? end : NONE;
}

/** Offset of the second word: so three words cover a label of 4 to 12 bytes. */
function middleOf(bytes: number): number {
  return (bytes - WORD_BYTES) >> 1;
}

/** @returns the key's index in {@link KEYS}; -1 for an unknown key */
function keyBetween(frame: Uint8Array, start: number, end: number): number {
  return LABELS.findIndex(({ bytes }) => {
    if (bytes.length - 1 !== end - start) return false;
    for (let i = 0; i < end - start; i++) if (frame[start + i] !== bytes[i]) return false;
    return true;
  });
}

// White space as the course's central strips it, with Python's str.strip().

const CLASS = String.raw`[\t-\r\x1c-\x20\x85\xa0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]`;

/** Matches text with white space at an end, which the central strips. */
export const SPACED_AT_ENDS: RegExp = new RegExp(`^${CLASS}|${CLASS}$`);

const ASCII_END = 0x80;

/** @returns where the text between `start` and `end` begins, after its white space */
export function afterSpace(bytes: Uint8Array, start: number, end: number): number {
  let at = start;
  while (at < end) {
    const first = bytes[at] as number;
    if (first > SPACE && first < ASCII_END) break;
    const size = spaceBytes(bytes, at, end);
    if (size === 0) break;
    at += size;
  }
  return at;
}

/** @returns where the text between `start` and `end` ends, before its white space */
export function beforeSpace(bytes: Uint8Array, start: number, end: number): number {
  let at = end;
  while (at > start) {
    const last = bytes[at - 1] as number;
    if (last > SPACE && last < ASCII_END) break;
    const size = spaceBytesBefore(bytes, start, at);
    if (size === 0) break;
    at -= size;
  }
  return at;
}

function spaceBytesBefore(bytes: Uint8Array, start: number, end: number): number {
  for (let size = 1; size <= 3 && end - size >= start; size++) {
    if (spaceBytes(bytes, end - size, end) === size) return size;
  }
  return 0;
}

/** Number of bytes of the white space character at `at`; 0 for any other character. */
function spaceBytes(bytes: Uint8Array, at: number, end: number): number {
  const first = bytes[at] as number;
  if (first <= SPACE) return isAsciiSpace(first) ? 1 : 0;
  if (first === 0xc2) {
    const second = at + 1 < end ? bytes[at + 1] : 0;
    return second === 0x85 || second === 0xa0 ? 2 : 0;
  }
  if (first < 0xe1 || first > 0xe3 || at + 2 >= end) return 0;
  const rest = ((bytes[at + 1] as number) << 8) | (bytes[at + 2] as number);
  return isLongSpace(first, rest) ? 3 : 0;
}

function isAsciiSpace(byte: number): boolean {
  return byte >= 0x1c || (byte >= 0x09 && byte <= 0x0d);
}

/** U+1680, U+2000 to U+200A, U+2028, U+2029, U+202F, U+205F and U+3000. @param rest the last two bytes */
function isLongSpace(first: number, rest: number): boolean {
  if (first === 0xe1) return rest === 0x9a80;
  if (first === 0xe3) return rest === 0x8080;
  if (rest >= 0x8080 && rest <= 0x808a) return true;
  return rest === 0x80a8 || rest === 0x80a9 || rest === 0x80af || rest === 0x819f;
}
