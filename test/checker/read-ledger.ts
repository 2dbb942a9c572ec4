import { crc32 } from "node:zlib";

// The checker's own reader of segments, from docs/ledger.md alone.

/** `unknown`: the record is complete and its CRC is right, but there is no such kind. */
export type RecordKind = "batch" | "done" | "seal" | "draw" | "told" | "act" | "unknown";

export interface FoundRecord {
  readonly kind: RecordKind;
  readonly kindByte: number;
  readonly agency: number;
  readonly sequence: number;
  readonly count: number;
  /** 64 hex digits. */
  readonly head: string;
  readonly body: Buffer;
  /** Number of the flush, and where in the segment it began. */
  readonly flush: number;
  readonly flushAt: number;
  readonly segment: number;
  readonly at: number;
  readonly end: number;
}

export interface LedgerReading {
  /** Up to the first byte that cannot be read. */
  readonly records: readonly FoundRecord[];
  /** Bytes after the last record which an interrupted flush may have left there. */
  readonly torn: { readonly file: string; readonly at: number } | undefined;
  /** Flaws that a crash cannot explain. */
  readonly flaws: readonly string[];
}

interface Segment {
  readonly name: string;
  readonly number: number;
  readonly bytes: Buffer;
}

const HEADER_BYTES = 32;
const RECORD_HEADER_BYTES = 68;
/** Length and CRC, which the length does not count. */
const PREFIX_BYTES = 8;

const KINDS: readonly (RecordKind | undefined)[] = [
  undefined,
  "batch",
  "done",
  "seal",
  "draw",
  "told",
  "act",
];

/** Reads the records of a draw's files. Never throws: what is wrong is a flaw. */
export function readLedger(files: ReadonlyMap<string, Uint8Array>): LedgerReading {
  const segments = findSegments(files);
  const flaws = segments.flatMap(headerFlaws);
  const records: FoundRecord[] = [];
  for (const [index, segment] of segments.entries()) {
    if (segment.number !== index + 1) {
      flaws.push(`${segment.name} is there, and no segment ${index + 1}`);
      break;
    }
    let at = HEADER_BYTES;
    for (let next = readRecord(segment, at); next !== undefined; next = readRecord(segment, at)) {
      const misplaced = placeFlaw(next, records.at(-1), segments);
      if (misplaced !== undefined) flaws.push(`${segment.name} at byte ${at}: ${misplaced}`);
      records.push(next);
      at = next.end;
    }
    if (isZero(segment.bytes, at)) continue;
    const later = segments.slice(index + 1);
    const proof = proofOfDamage(segment, at, later);
    if (proof === undefined) return { records, torn: { file: segment.name, at }, flaws };
    flaws.push(`${segment.name} at byte ${at}: no record, but a later flush ended well: ${proof}`);
    break;
  }
  return { records, torn: undefined, flaws };
}

function findSegments(files: ReadonlyMap<string, Uint8Array>): Segment[] {
  const segments: Segment[] = [];
  for (const [name, bytes] of files) {
    const match = /^(\d{8})\.seg$/.exec(name);
    if (match !== null) segments.push({ name, number: Number(match[1]), bytes: asBuffer(bytes) });
  }
  return segments.toSorted((a, b) => a.number - b.number);
}

function headerFlaws({ name, number, bytes }: Segment): string[] {
  if (bytes.length < HEADER_BYTES) return [`${name}: ${bytes.length} bytes are no segment`];
  const flaws: string[] = [];
  const expect = (what: string, found: string | number | bigint, expected: typeof found): void => {
    if (found !== expected) flaws.push(`${name}: its ${what} is ${found}, not ${expected}`);
  };
  expect("magic", bytes.toString("latin1", 0, 8), "QUINIELA");
  expect("version", bytes.readUInt32BE(8), 1);
  expect("number", bytes.readUInt32BE(12), number);
  expect("size", bytes.readUInt32BE(16), bytes.length);
  expect("reserve", bytes.readBigUInt64BE(20), 0n);
  expect("header's CRC-32", bytes.readUInt32BE(28), crc32(bytes.subarray(0, 28)));
  return flaws;
}

/** @returns undefined if no complete record begins there */
function readRecord({ number, bytes }: Segment, at: number): FoundRecord | undefined {
  if (at + RECORD_HEADER_BYTES > bytes.length) return undefined;
  const length = bytes.readUInt32BE(at);
  const end = at + PREFIX_BYTES + length;
  if (length < RECORD_HEADER_BYTES - PREFIX_BYTES || end > bytes.length) return undefined;
  if (bytes.readUInt32BE(at + 4) !== crc32(bytes.subarray(at + PREFIX_BYTES, end))) {
    return undefined;
  }
  return {
    kind: KINDS[bytes.readUInt8(at + 8)] ?? "unknown",
    kindByte: bytes.readUInt8(at + 8),
    agency: bytes.readUInt32BE(at + 12),
    sequence: Number(bytes.readBigUInt64BE(at + 24)),
    count: bytes.readUInt32BE(at + 32),
    head: bytes.toString("hex", at + 36, at + 68),
    body: bytes.subarray(at + RECORD_HEADER_BYTES, end),
    flush: Number(bytes.readBigUInt64BE(at + 16)),
    flushAt: at - bytes.readUIntBE(at + 9, 3),
    segment: number,
    at,
    end,
  };
}

/** What is wrong with the place of a record. */
function placeFlaw(
  record: FoundRecord,
  before: FoundRecord | undefined,
  segments: readonly Segment[],
): string | undefined {
  if (record.flushAt === record.at) {
    const expected = (before?.flush ?? 0) + 1;
    if (record.flush !== expected) return `flush ${record.flush} where ${expected} is next`;
  } else if (
    before?.segment !== record.segment ||
    before.flush !== record.flush ||
    before.flushAt !== record.flushAt
  ) {
    return `a record of flush ${record.flush} apart from its flush`;
  }
  if (before === undefined) {
    return record.segment === 1 ? undefined : `the first record, and not in segment 1`;
  }
  if (before.segment === record.segment) return undefined;
  if (before.segment !== record.segment - 1) return `segment ${record.segment - 1} has no record`;
  const room = (segments[before.segment - 1]?.bytes.length ?? 0) - before.end;
  return record.end - record.at <= room
    ? `its record had room in the segment before, which has ${room} bytes left`
    : undefined;
}

/**
 * A flush begins only after the one before it has ended well. So a complete record of a flush that
 * began after `at` proves that the bytes at `at` were written completely, and were damaged later.
 */
function proofOfDamage(
  segment: Segment,
  from: number,
  later: readonly Segment[],
): string | undefined {
  for (let at = from + 1; at + RECORD_HEADER_BYTES <= segment.bytes.length; at++) {
    const record = readRecord(segment, at);
    if (record !== undefined && record.flushAt > from) return `${segment.name} at byte ${at}`;
  }
  const used = later.find(({ bytes }) => !isZero(bytes, HEADER_BYTES));
  return used?.name;
}

function isZero(bytes: Buffer, from: number): boolean {
  const rest = bytes.subarray(from);
  return rest.equals(Buffer.alloc(rest.length));
}

function asBuffer(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
