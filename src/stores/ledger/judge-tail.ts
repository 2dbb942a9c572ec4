import type { TornTail } from "../../store/bet-store.ts";
import { GROUP_BYTES } from "../../limits.ts";
import { RECORD_HEADER_BYTES, SEGMENT_HEADER_BYTES } from "./layout.ts";
import { mayBeRecord, parseRecord } from "./record.ts";
import { firstNonZero, type SegmentImage } from "./segment-image.ts";

/** One flush writes at most so many bytes, into one segment: a crash cannot leave a longer torn tail. */
const FLUSH_BYTES_MAX = GROUP_BYTES;

/**
 * Judges bytes at `at` that are not a record: were they torn by a crash, or damaged later?
 *
 * One flush writes one run of bytes, and the next flush begins only when those are on stable storage. So a
 * whole record further on decides. If its flush began at or before `at`, the same flush wrote the bytes at
 * `at`, and was interrupted. If its flush began after `at`, an earlier flush wrote the bytes at `at` and
 * succeeded: they were a whole record once. When no whole record follows, it may have been a crash.
 *
 * A torn tail never reaches a later segment: bytes in one of them prove damage too.
 *
 * @param later the segments after this one, one after the other: there may be gigabytes of them
 * @returns what proves the damage; undefined for a torn tail
 */
export async function findProofOfDamage(
  segment: SegmentImage,
  at: number,
  later: AsyncIterable<SegmentImage> | Iterable<SegmentImage>,
): Promise<string | undefined> {
  const offset = findRecord(segment, at + 1, (start) => start > at);
  if (offset !== undefined) return laterRecord(segment, offset);
  let otherBytes: string | undefined;
  for await (const image of later) {
    const record = findRecord(image, SEGMENT_HEADER_BYTES, () => true);
    if (record !== undefined) return laterRecord(image, record);
    const other = firstNonZero(image.bytes, SEGMENT_HEADER_BYTES);
    if (other >= 0) {
      otherBytes ??= `other bytes in ${image.path} at byte ${other}, where that flush did not write`;
    }
  }
  const { bytes } = tornTail(segment, at);
  return bytes > FLUSH_BYTES_MAX ? `${bytes} bytes, more than one flush writes` : otherBytes;
}

/** The words for a record that proves damage. */
export function laterRecord({ path }: SegmentImage, offset: number): string {
  return `a whole later record in ${path} at byte ${offset}`;
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
      // No record has kind 0: skip the zeros, there may be megabytes of them.
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
