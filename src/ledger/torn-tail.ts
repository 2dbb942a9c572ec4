import { RECORD_HEADER_BYTES, SEGMENT_HEADER_BYTES } from "./layout.ts";
import { mayBeRecord, parseRecord } from "./record.ts";
import { firstNonZero, type SegmentImage } from "./segment-image.ts";

/** Bytes of a flush that a crash interrupted. */
export interface TornTail {
  /** Path of the segment. */
  readonly file: string;
  /** Offset of the first byte that belongs to no whole record. */
  readonly offset: number;
  /** Bytes from there to the last one that is not zero. */
  readonly bytes: number;
}

/**
 * Judges bytes at `at` that are no record: torn by a crash, or damaged later?
 *
 * One flush writes one run of bytes, and the next flush begins only when that is on stable storage. So
 * a whole record further on settles it. If the flush that wrote that record began at or before `at`,
 * it wrote both, and was interrupted. If it began after `at`, an earlier flush wrote the bytes at `at`
 * and had ended well: they were whole once. Where no whole record follows, nothing speaks against a
 * crash.
 *
 * @param later the segments after this one, which a torn tail never reaches
 * @returns where the record stands that proves damage; undefined for a torn tail
 */
export function findProofOfDamage(
  segment: SegmentImage,
  at: number,
  later: readonly SegmentImage[],
): { readonly file: string; readonly offset: number } | undefined {
  const proof = findRecord(segment, at + 1, (start) => start > at);
  if (proof !== undefined) return { file: segment.path, offset: proof };
  for (const image of later) {
    const offset = findRecord(image, SEGMENT_HEADER_BYTES, () => true);
    if (offset !== undefined) return { file: image.path, offset };
  }
  return undefined;
}

export function tornTail({ path, bytes }: SegmentImage, offset: number): TornTail {
  let last = bytes.length - 1;
  while (last > offset && bytes[last] === 0) last--;
  return { file: path, offset, bytes: last + 1 - offset };
}

/** Searches every byte for a whole record whose flush began where `matches` says. */
function findRecord(
  { bytes }: SegmentImage,
  from: number,
  matches: (flushStart: number) => boolean,
): number | undefined {
  const end = bytes.length - RECORD_HEADER_BYTES;
  for (let at = from; at <= end; at++) {
    if (bytes[at + 8] === 0) {
      // No kind: in zeros, of which there are megabytes, go on where they end.
      const next = firstNonZero(bytes, at + 8);
      if (next < 0) return undefined;
      at = Math.max(at, next - 9);
      continue;
    }
    if (!mayBeRecord(bytes, at)) continue;
    const parsed = parseRecord(bytes, at);
    if (parsed.kind === "record" && matches(at - parsed.record.groupOffset)) return at;
  }
  return undefined;
}
