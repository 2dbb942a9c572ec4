import { CONTROL_RECORD_BYTES_MAX, RECORD_HEADER_BYTES, SEGMENT_HEADER_BYTES } from "./layout.ts";

/** With less room than this, in buffers or in segments, peers are to wait. */
const MARGIN_BYTES = 256 * 1024;

/**
 * The first segment of a draw. It is all that an open draw without bets takes of the disk, and what
 * the first batches go to while larger ones are prepared.
 */
const FIRST_BYTES = 512 * 1024;

export interface SegmentSizesOptions {
  /** The largest segment. */
  readonly segmentBytes: number;
  /** The most that one flush writes. */
  readonly groupBytes: number;
  /** The longest lines of a batch. */
  readonly batchBytesMax: number;
  readonly agencies: number;
}

export interface SegmentSizes {
  readonly marginBytes: number;
  /** Room that batches leave, so that a full disk never keeps a draw from its end. */
  readonly reserveBytes: number;
  /** The longest record that every segment holds. */
  readonly recordBytesMax: number;
  /** What all segments hold together that are to be ready ahead. */
  readonly aheadBytes: number;
  /** The size of a new segment. */
  readonly ofSegment: (number: number) => number;
}

/**
 * How large segments are: each is twice the one before, up to the largest. Twice and not more, because
 * two are prepared while those before them are filled: so zeros need be written no faster than by a
 * third than batches come, and a new draw takes a full load at once.
 *
 * No record may be left without a segment: segments are used in their order, and a record goes to the
 * next one only because it does not fit into the one before. So the first holds any record, and the
 * reserve beside it, because until it has a record it is the only one.
 */
export function segmentSizes(options: SegmentSizesOptions): SegmentSizes {
  const { segmentBytes, groupBytes, batchBytesMax, agencies } = options;
  const marginBytes = Math.min(MARGIN_BYTES, segmentBytes / 4, groupBytes / 4);
  const longest = RECORD_HEADER_BYTES + batchBytesMax;
  // Enough for 100,000 agencies in segments of the usual size, whatever a batch may have.
  const reserveMax = Math.max(segmentBytes / 4, segmentBytes - SEGMENT_HEADER_BYTES - longest);
  const reserveBytes = Math.min((agencies + 3) * CONTROL_RECORD_BYTES_MAX, reserveMax);
  const least = SEGMENT_HEADER_BYTES + reserveBytes + Math.max(longest, marginBytes);
  let first = FIRST_BYTES;
  while (first < least) first *= 2;
  const ofSegment = (number: number): number =>
    // The exponent is bounded because a ledger may have any number of segments.
    Math.min(segmentBytes, first * 2 ** Math.min(number - 1, 16));
  return {
    marginBytes,
    reserveBytes,
    recordBytesMax: ofSegment(1) - SEGMENT_HEADER_BYTES,
    aheadBytes: 2 * segmentBytes,
    ofSegment,
  };
}
