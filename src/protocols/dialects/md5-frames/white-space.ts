// White space as the course's central strips it: what Python's str.strip() takes away.

const CLASS = String.raw`[\t-\r\x1c-\x20\x85\xa0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]`;

/** Text that does not arrive as it is, because the white space at its ends is stripped. */
export const SPACED_AT_ENDS: RegExp = new RegExp(`^${CLASS}|${CLASS}$`);

const SPACE = 0x20;
const ASCII_END = 0x80;

/** @returns where the text between `start` and `end` begins, white space left out */
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

/** @returns where the text between `start` and `end` ends, white space left out */
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

/** Bytes of the white space that begins at `at`; 0 for anything else. */
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
