import type { SteppedDecoder } from "../../codec.ts";
import type { ServeLimits } from "../../dialect.ts";
import { createFrameDecoder, type FrameCodec } from "../../kit/frame-decoder.ts";
import { BetLineWriter, MARKS, putInteger } from "../../kit/line-writer.ts";
import { ProtocolError } from "../../protocol-error.ts";
import {
  BIRTHDATE_AT,
  type ClientMessage,
  COUNT_BYTES,
  DOCUMENT_AT,
  FIRST_NAME_AT,
  HELLO_BYTES,
  LAST_NAME_AT,
  NAME_BYTES_MAX,
  NUMBER_AT,
  RECORD_BYTES,
  type Version,
  versionOf,
} from "./wire.ts";

/**
 * Decodes what a client sends, in any version.
 *
 * @param limits `courseFrameBytesMax` limits a batch, with its count and without the hello
 */
export function createFixed70ClientDecoder(
  limits: Pick<ServeLimits, "courseFrameBytesMax">,
): SteppedDecoder<ClientMessage> {
  return createFrameDecoder(new ClientFrames(limits.courseFrameBytesMax));
}

/** How many bytes of hello a frame begins with. */
function helloBytes(version: Version, first: boolean): number {
  return first && version === "final" ? HELLO_BYTES : 0;
}

/** The frames of a client. The hello and the first batch are one frame, because the hello is not answered. */
class ClientFrames implements FrameCodec<ClientMessage> {
  readonly #batchBytesMax: number;
  readonly #records = new Records();
  #version: Version | undefined;
  #hello = 0;

  constructor(batchBytesMax: number) {
    this.#batchBytesMax = batchBytesMax;
  }

  measure(bytes: Buffer, at: number, available: number): number {
    const first = this.#version === undefined;
    const version = this.#version ?? versionOf(bytes, at, available);
    if (version === "more") return available + 1;
    if (version === "none") {
      throw new ProtocolError(
        "MALFORMED",
        "Cannot decode first message: no version begins like it",
      );
    }
    // A connection has only one single bet: further bytes would be one more bet, which is refused.
    if (version === "ej5") return RECORD_BYTES;
    const before = helloBytes(version, first);
    if (available < before + COUNT_BYTES) return before + COUNT_BYTES;
    return before + this.#batchBytes(bytes.readUInt32BE(at + before));
  }

  parse(frame: Buffer): ClientMessage {
    const first = this.#version === undefined;
    const version = (this.#version ??= known(versionOf(frame, 0, frame.length)));
    if (version === "ej5") return this.#batch(version, agencyOf(frame, 0), frame, 0, 1);
    const at = helloBytes(version, first);
    if (at > 0) this.#hello = frame.readUInt32BE(0);
    const count = frame.readUInt32BE(at);
    if (count === 0) return { kind: "zero", version, agency: this.#hello };
    const recordsAt = at + COUNT_BYTES;
    const agency = version === "ej6" ? agencyOf(frame, recordsAt) : this.#hello;
    return this.#batch(version, agency, frame, recordsAt, count);
  }

  #batch(
    version: Version,
    agency: number,
    frame: Buffer,
    at: number,
    count: number,
  ): ClientMessage {
    return { kind: "batch", version, agency, count, lines: this.#records.lines(frame, at, count) };
  }

  #batchBytes(count: number): number {
    const bytes = COUNT_BYTES + RECORD_BYTES * count;
    if (bytes <= this.#batchBytesMax) return bytes;
    throw new ProtocolError(
      "FRAME_TOO_LARGE",
      `Cannot decode batch: count is ${count}, which takes ${bytes} bytes, max is ${this.#batchBytesMax}`,
    );
  }
}

function known(seen: ReturnType<typeof versionOf>): Version {
  if (seen === "more" || seen === "none") throw new RangeError(`Cannot parse a frame: ${seen}`);
  return seen;
}

const COMMA = 0x2c;
const DASH = 0x2d;
const ZERO = 0x30;
const NINE = 0x39;

const NONE = -1;

/** More than the line of any record without quotes: three integers, the texts, five commas. */
const LINE_BYTES_MAX = 96;

/** Turns records into canonical lines. */
export class Records {
  readonly #writer = new BetLineWriter();

  /**
   * @param at offset of the first record
   * @returns the lines, valid until the next call
   */
  lines(bytes: Buffer, at: number, count: number): Buffer {
    this.#writer.clear();
    const record = new RecordReader(bytes);
    for (let index = 0; index < count; index++) {
      record.write(at + index * RECORD_BYTES, this.#writer);
    }
    return this.#writer.lines;
  }
}

/** The agency in a record. */
export function agencyOf(bytes: Buffer, at: number): number {
  return bytes.readUInt32BE(at);
}

/** Reads integers through a DataView: `readUInt32BE` checks its argument for every field. */
class RecordReader {
  readonly #bytes: Buffer;
  readonly #words: DataView;

  constructor(bytes: Buffer) {
    this.#bytes = bytes;
    this.#words = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  }

  write(at: number, writer: BetLineWriter): void {
    const into = writer.room(LINE_BYTES_MAX);
    const end = this.#putUsual(at, into, writer.at);
    if (end === NONE) this.#writeUnusual(at, writer);
    else writer.wrote(end);
  }

  /**
   * Writes a usual record in one loop over its bytes. Nearly all records are usual: NUL bytes only after the
   * texts, no name that needs quotes, only digits and dashes in the date.
   *
   * @returns where the line ends; -1 for any other record
   */
  #putUsual(at: number, into: Uint8Array, start: number): number {
    const words = this.#words;
    let to = putInteger(into, start, words.getUint32(at));
    into[to++] = COMMA;
    to = this.#putName(at + FIRST_NAME_AT, into, to);
    if (to === NONE) return NONE;
    to = this.#putName(at + LAST_NAME_AT, into, to);
    if (to === NONE) return NONE;
    to = putInteger(into, to, words.getUint32(at + DOCUMENT_AT));
    into[to++] = COMMA;
    for (let from = at + BIRTHDATE_AT; from < at + NUMBER_AT; from++) {
      const byte = this.#bytes[from] as number;
      if ((byte < ZERO || byte > NINE) && byte !== DASH) return NONE;
      into[to++] = byte;
    }
    into[to++] = COMMA;
    return putInteger(into, to, words.getUint32(at + NUMBER_AT));
  }

  #putName(start: number, into: Uint8Array, at: number): number {
    const bytes = this.#bytes;
    const end = start + NAME_BYTES_MAX;
    let from = start;
    let to = at;
    for (; from < end; from++) {
      const byte = bytes[from] as number;
      if (byte <= COMMA) {
        if (byte === 0) break;
        if (MARKS[byte] === 1) return NONE;
      }
      into[to++] = byte;
    }
    // A name that is empty or begins with NUL is not usual.
    if (from === start || !this.#isPadding(from, end)) return NONE;
    into[to++] = COMMA;
    return to;
  }

  /** Looks at four bytes at a time, because about half of a name's room is padding. */
  #isPadding(start: number, end: number): boolean {
    let at = end;
    while (at - 4 >= start) if (this.#words.getInt32((at -= 4)) !== 0) return false;
    while (at > start) if (this.#bytes[--at] !== 0) return false;
    return true;
  }

  /** Writes any record. NUL bytes at both ends of a text do not belong to it. */
  #writeUnusual(at: number, writer: BetLineWriter): void {
    const words = this.#words;
    const text = (start: number, end: number): readonly [Buffer, number, number] => {
      const first = this.#afterNuls(start, end);
      return [this.#bytes, first, this.#beforeNuls(first, end)];
    };
    writer
      .integer(words.getUint32(at))
      .name(...text(at + FIRST_NAME_AT, at + LAST_NAME_AT))
      .name(...text(at + LAST_NAME_AT, at + DOCUMENT_AT))
      .integer(words.getUint32(at + DOCUMENT_AT))
      .birthdate(...text(at + BIRTHDATE_AT, at + NUMBER_AT))
      .integer(words.getUint32(at + NUMBER_AT))
      .endLine();
  }

  #afterNuls(start: number, end: number): number {
    let at = start;
    while (at < end && this.#bytes[at] === 0) at++;
    return at;
  }

  #beforeNuls(start: number, end: number): number {
    let at = end;
    while (at > start && this.#bytes[at - 1] === 0) at--;
    return at;
  }
}
