import { join } from "node:path";
import { crc32 } from "node:zlib";
import { plural } from "../../lottery/plural.ts";
import { readFully } from "../disk/disk-io.ts";
import type { Disk } from "../disk/disk.ts";
import {
  FORMAT_VERSION,
  SEGMENT_BYTES_MAX,
  SEGMENT_HEADER_BYTES,
  SEGMENT_MAGIC,
  segmentName,
} from "./layout.ts";
import { LedgerCorrupt } from "./ledger-corrupt.ts";
import { parseRecord, type PlacedRecord } from "./record.ts";

/** A segment in memory. */
export interface SegmentImage {
  readonly number: number;
  readonly path: string;
  /** As long as the file. Only the header and the bytes from {@link from} on were read; others are zeros. */
  readonly bytes: Buffer;
  readonly from: number;
}

/**
 * Reads one segment into memory. Readers of a ledger hold at most three at a time, which bounds their memory.
 *
 * @param from gets the file's size and returns the offset of the first byte that is wanted
 * @throws LedgerCorrupt when its header is wrong
 */
export async function readSegment(
  disk: Disk,
  dir: string,
  number: number,
  from: (fileBytes: number) => number = () => SEGMENT_HEADER_BYTES,
): Promise<SegmentImage> {
  const path = join(dir, segmentName(number));
  const file = await disk.open(path, { mode: "read" });
  try {
    const size = await file.size();
    if (size > SEGMENT_BYTES_MAX) {
      const expected = `at most ${SEGMENT_BYTES_MAX} bytes`;
      throw new LedgerCorrupt({ file: path, at: undefined, expected, found: plural(size, "byte") });
    }
    const bytes = Buffer.alloc(size);
    const header = bytes.subarray(0, SEGMENT_HEADER_BYTES);
    await readFully(file, header, 0);
    checkSegmentHeader(path, header, number, size);
    const start = from(size);
    await readFully(file, bytes.subarray(start), start);
    return { number, path, bytes, from: start };
  } finally {
    await file.close();
  }
}

/** How the records of a segment end. */
export type WalkEnd =
  /** At `at`, and nothing but zeros follows. */
  | { readonly kind: "clean"; readonly at: number }
  | {
      readonly kind: "flaw";
      readonly at: number;
      readonly expected: string;
      readonly found: string;
      readonly intact: boolean;
    };

/** The records of a segment from `at` on. */
export function* walkSegment(
  { bytes }: SegmentImage,
  at: number,
): Generator<PlacedRecord, WalkEnd> {
  for (;;) {
    const parsed = parseRecord(bytes, at);
    switch (parsed.kind) {
      case "record":
        yield parsed.record;
        at = parsed.record.end;
        break;
      case "invalid":
        return { ...parsed, kind: "flaw", at };
      case "end": {
        const stray = firstNonZero(bytes, at);
        if (stray < 0) return { kind: "clean", at };
        const found = `0x${(bytes[stray] ?? 0).toString(16)} at byte ${stray}`;
        return { kind: "flaw", at, expected: "zeros to the end", found, intact: false };
      }
    }
  }
}

const ZEROS = Buffer.alloc(64 * 1024);

/** @returns offset of the first byte from `from` on that is not zero, or -1 */
export function firstNonZero(bytes: Buffer, from: number): number {
  for (let at = from; at < bytes.length; at += ZEROS.length) {
    const chunk = bytes.subarray(at, at + ZEROS.length);
    if (chunk.equals(ZEROS.subarray(0, chunk.length))) continue;
    return at + chunk.findIndex((byte) => byte !== 0);
  }
  return -1;
}

const CRC_AT = 28;

export function encodeSegmentHeader(number: number, segmentBytes: number): Buffer {
  const header = Buffer.alloc(SEGMENT_HEADER_BYTES);
  header.write(SEGMENT_MAGIC, 0, "latin1");
  header.writeUInt32BE(FORMAT_VERSION, 8);
  header.writeUInt32BE(number, 12);
  header.writeUInt32BE(segmentBytes, 16);
  header.writeUInt32BE(crc32(header.subarray(0, CRC_AT)), CRC_AT);
  return header;
}

/**
 * Checks a segment's first bytes. A segment gets its name when all of it is on disk, so a wrong header is
 * damage and not a torn write.
 *
 * @param fileBytes size of the file
 * @throws LedgerCorrupt
 */
function checkSegmentHeader(file: string, header: Buffer, number: number, fileBytes: number): void {
  const expected = encodeSegmentHeader(number, fileBytes);
  if (header.equals(expected)) return;
  throw new LedgerCorrupt({
    file,
    at: { offset: 0 },
    expected: `the header of segment ${number} of ${fileBytes} bytes (${expected.toString("hex")})`,
    found: header.length === 0 ? "an empty file" : header.toString("hex"),
  });
}
