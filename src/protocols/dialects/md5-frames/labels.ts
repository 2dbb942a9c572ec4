import { KEYS } from "./layout.ts";

/** What is looked for is not there. */
const NONE = -1;

/** A key and its colon, as three words that overlap: they compare sooner than bytes. */
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

/** A frame's bytes as {@link afterLabel} wants them. */
export function wordsOf(frame: Uint8Array): DataView {
  return new DataView(frame.buffer, frame.byteOffset, frame.length);
}

/** @returns where the value begins, behind the label whose turn it is; -1 when that does not stand there */
export function afterLabel(frame: DataView, at: number, place: number): number {
  if (place >= LABELS.length) return NONE;
  const { bytes, first, middle, last } = LABELS[place] as Label;
  const end = at + bytes.length;
  if (end > frame.byteLength || frame.getInt32(at) !== first) return NONE;
  if (frame.getInt32(at + middleOf(bytes.length)) !== middle) return NONE;
  return frame.getInt32(end - WORD_BYTES) === last ? end : NONE;
}

/** Where the second of the words is, so that a label of 4 to 12 bytes is covered. */
function middleOf(bytes: number): number {
  return (bytes - WORD_BYTES) >> 1;
}

/** @returns the key's index in {@link KEYS}; -1 for none */
export function keyBetween(frame: Uint8Array, start: number, end: number): number {
  return LABELS.findIndex(({ bytes }) => {
    if (bytes.length - 1 !== end - start) return false;
    for (let i = 0; i < end - start; i++) if (frame[start + i] !== bytes[i]) return false;
    return true;
  });
}
