import { crc32 } from "node:zlib";
import { HEAD_BYTES } from "../../lottery/chain.ts";
import {
  ACT,
  BATCH,
  HEAD_AT,
  PREFIX_BYTES,
  RECORD_HEADER_BYTES,
  type RecordKind,
} from "./layout.ts";

/** One record of a segment. */
export interface LedgerRecord {
  readonly kind: RecordKind;
  /** Offset of the record from the first byte of the flush that wrote it. */
  readonly groupOffset: number;
  /** The agency; 0 in the records of the whole draw. */
  readonly agency: number;
  /** Number of the flush that wrote the record. */
  readonly group: number;
  /** BATCH: the batch's sequence; DONE: the agency's last one; ACT: the act's number, from 1; else 0. */
  readonly sequence: number;
  /** BATCH: number of bets; SEAL: number of agencies; else 0. */
  readonly count: number;
  /** BATCH, DONE: the agency's chain head after it; ACT: that of the acts; SEAL, DRAW, TOLD: the seal. */
  readonly head: Uint8Array;
  /** BATCH: canonical lines; DONE: bets u64; DRAW: winning number u32; ACT: its text. */
  readonly body: Uint8Array;
}

/** A record with its place; `head` and `body` are views of the bytes that it was read from. */
export interface PlacedRecord extends LedgerRecord {
  readonly head: Buffer;
  readonly body: Buffer;
  /** Offset of its first byte. */
  readonly at: number;
  /** Offset after its last byte. */
  readonly end: number;
}

export type Parsed =
  | { readonly kind: "record"; readonly record: PlacedRecord }
  /** Four zeros, or too few bytes for any record. */
  | { readonly kind: "end" }
  | {
      readonly kind: "invalid";
      readonly expected: string;
      readonly found: string;
      /** Whether the CRC is right: then the record was written so, and is not a torn write. */
      readonly intact: boolean;
    };

export function recordBytes(bodyBytes: number): number {
  return RECORD_HEADER_BYTES + bodyBytes;
}

/** Writes a record to `into` at `at`. @returns the offset after the record */
export function encodeRecord(record: LedgerRecord, into: Buffer, at: number): number {
  const end = at + recordBytes(record.body.length);
  into.writeUInt32BE(end - at - PREFIX_BYTES, at);
  into.writeUInt32BE(record.kind * 0x1_00_00_00 + record.groupOffset, at + 8);
  into.writeUInt32BE(record.agency, at + 12);
  writeUInt64(into, record.group, at + 16);
  writeUInt64(into, record.sequence, at + 24);
  into.writeUInt32BE(record.count, at + 32);
  into.set(record.head, at + HEAD_AT);
  into.set(record.body, at + RECORD_HEADER_BYTES);
  into.writeUInt32BE(crc32(into.subarray(at + PREFIX_BYTES, end)), at + 4);
  return end;
}

/** Reads the record at `at` of a segment's bytes. Checks the record's own bytes, not its place. */
export function parseRecord(bytes: Buffer, at: number): Parsed {
  if (at + RECORD_HEADER_BYTES > bytes.length) return { kind: "end" };
  const length = bytes.readUInt32BE(at);
  if (length === 0) return { kind: "end" };
  const end = at + PREFIX_BYTES + length;
  if (length < RECORD_HEADER_BYTES - PREFIX_BYTES || end > bytes.length) {
    const most = bytes.length - at - PREFIX_BYTES;
    return {
      kind: "invalid",
      expected: `a record's length from ${RECORD_HEADER_BYTES - PREFIX_BYTES} to ${most}`,
      found: String(length),
      intact: false,
    };
  }
  const crc = crc32(bytes.subarray(at + PREFIX_BYTES, end));
  const stored = bytes.readUInt32BE(at + 4);
  if (crc !== stored) {
    const expected = `CRC-32 ${hex32(stored)}`;
    return { kind: "invalid", expected, found: hex32(crc), intact: false };
  }
  const tag = bytes.readUInt32BE(at + 8);
  const kind = Math.floor(tag / 0x1_00_00_00);
  const group = readUInt64(bytes, at + 16);
  const sequence = readUInt64(bytes, at + 24);
  if (!isKind(kind) || group === undefined || sequence === undefined) {
    const found = `kind ${kind}, group ${group}, sequence ${sequence}`;
    return { kind: "invalid", expected: "a record of version 1", found, intact: true };
  }
  return {
    kind: "record",
    record: {
      kind,
      groupOffset: tag % 0x1_00_00_00,
      agency: bytes.readUInt32BE(at + 12),
      group,
      sequence,
      count: bytes.readUInt32BE(at + 32),
      head: bytes.subarray(at + HEAD_AT, at + HEAD_AT + HEAD_BYTES),
      body: bytes.subarray(at + RECORD_HEADER_BYTES, end),
      at,
      end,
    },
  };
}

/**
 * Whether a record may begin at `at`: a cheap test that is true for every real record. The first byte of
 * group and of sequence is always zero (they are below 2^53), and canonical lines have no zeros.
 */
export function mayBeRecord(bytes: Buffer, at: number): boolean {
  if (bytes[at + 16] !== 0 || bytes[at + 24] !== 0 || !isKind(bytes[at + 8] ?? 0)) return false;
  const length = bytes.readUInt32BE(at);
  return length >= RECORD_HEADER_BYTES - PREFIX_BYTES && at + PREFIX_BYTES + length <= bytes.length;
}

export function writeUInt64(into: Buffer, value: number, at: number): void {
  into.writeUInt32BE(Math.floor(value / 0x1_0000_0000), at);
  into.writeUInt32BE(value % 0x1_0000_0000, at + 4);
}

/** @returns undefined for integers that a number cannot hold exactly */
export function readUInt64(bytes: Buffer, at: number): number | undefined {
  const value = bytes.readUInt32BE(at) * 0x1_0000_0000 + bytes.readUInt32BE(at + 4);
  return Number.isSafeInteger(value) ? value : undefined;
}

function isKind(kind: number): kind is RecordKind {
  return kind >= BATCH && kind <= ACT;
}

function hex32(value: number): string {
  return `0x${value.toString(16).padStart(8, "0")}`;
}
