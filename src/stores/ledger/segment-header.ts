import { crc32 } from "node:zlib";
import { FORMAT_VERSION, SEGMENT_HEADER_BYTES, SEGMENT_MAGIC } from "./layout.ts";
import { LedgerCorrupt } from "./ledger-corrupt.ts";

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
 * Checks a segment's first bytes. A segment gets its name when all of it is on disk, so a header that
 * is wrong was never torn.
 *
 * @param fileBytes size of the file
 * @throws LedgerCorrupt
 */
export function checkSegmentHeader(
  file: string,
  header: Buffer,
  number: number,
  fileBytes: number,
): void {
  const expected = encodeSegmentHeader(number, fileBytes);
  if (header.equals(expected)) return;
  throw new LedgerCorrupt({
    file,
    at: { offset: 0 },
    expected: `the header of segment ${number} of ${fileBytes} bytes (${expected.toString("hex")})`,
    found: header.length === 0 ? "an empty file" : header.toString("hex"),
  });
}
