import { crc32 } from "node:zlib";
import { fieldsOf, numberOf, splitLines } from "./canonical-lines.ts";
import type { FoundRecord } from "./read-ledger.ts";
import type { Report } from "./violation.ts";

const HEADER_BYTES = 36;

/**
 * A start trusts a complete summary, and takes from it where winners are, and how many. So the
 * summary must agree with the records. A summary that is broken or of another version is made
 * again, so its content does not matter.
 */
export function checkSummaries(
  files: ReadonlyMap<string, Uint8Array>,
  records: readonly FoundRecord[],
  draw: { readonly winningNumber: number; readonly numberTold?: boolean | undefined },
  report: Report,
): void {
  for (const [name, contents] of files) {
    const match = /^(\d{8})\.sum$/.exec(name);
    const bytes = Buffer.from(contents);
    if (match === null || !isWhole(bytes, Number(match[1]))) continue;
    const end = bytes.readUInt32BE(16);
    const covered = records.filter(({ segment, at }) => segment === Number(match[1]) && at < end);
    // A number that was told later was nobody's when the records were written.
    const number = draw.numberTold === true ? undefined : draw.winningNumber;
    if (!summaryOf(covered, Number(match[1]), number).equals(bytes)) {
      report("summary", `${name} sums up other records than its segment has`);
    }
  }
}

function isWhole(bytes: Buffer, segment: number): boolean {
  const limit = bytes.length - 4;
  return (
    limit >= HEADER_BYTES &&
    bytes.readUInt32BE(limit) === crc32(bytes.subarray(0, limit)) &&
    bytes.toString("latin1", 0, 8) === "QNLSUMRY" &&
    bytes.readUInt32BE(8) === 3 &&
    bytes.readUInt32BE(12) === segment
  );
}

function summaryOf(
  records: readonly FoundRecord[],
  segment: number,
  winningNumber: number | undefined,
): Buffer {
  const last = records.at(-1);
  const header = Buffer.alloc(HEADER_BYTES);
  header.write("QNLSUMRY", "latin1");
  header.writeUInt32BE(3, 8);
  header.writeUInt32BE(segment, 12);
  header.writeUInt32BE(last?.end ?? 0, 16);
  header.writeUInt32BE(last?.at ?? 0, 20);
  header.writeBigUInt64BE(BigInt.asUintN(64, BigInt(last?.flush ?? 0)), 24);
  header.writeUInt32BE(records.length, 32);
  const parts = [header, ...records.map((record) => entryOf(record, winningNumber))];
  const all = Buffer.concat(parts);
  const crc = Buffer.alloc(4);
  crc.writeUInt32BE(crc32(all));
  return Buffer.concat([all, crc]);
}

function entryOf(record: FoundRecord, winningNumber: number | undefined): Buffer {
  const lines = record.kind === "batch" ? splitLines(record.body) : [];
  const winners = lines.filter((line) => numberOf(line) === String(winningNumber));
  const entry = Buffer.alloc(60);
  entry.writeUInt8(record.kindByte, 0);
  entry.writeUIntBE(record.at, 1, 3);
  entry.writeUInt32BE(record.agency, 4);
  entry.writeBigUInt64BE(BigInt.asUintN(64, BigInt(record.sequence)), 8);
  entry.writeUInt32BE(record.count, 16);
  entry.writeUInt32BE(winners.length, 20);
  entry.writeUInt32BE(winners.map((line) => fieldsOf(line)?.[3] ?? "").join("").length, 24);
  entry.write(record.head, 28, "hex");
  return entry;
}
