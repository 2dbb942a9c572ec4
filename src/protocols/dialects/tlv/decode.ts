import { isUtf8 } from "node:buffer";
import { plural } from "../../../lottery/plural.ts";
import type { Decoder, SteppedDecoder } from "../../codec.ts";
import type { FrameLimits } from "../../dialect.ts";
import { createFrameDecoder } from "../../kit/frame-decoder.ts";
import { decimal, BetLineWriter } from "../../kit/line-writer.ts";
import { ProtocolError } from "../../protocol-error.ts";
import {
  type Batch,
  type CentralMessage,
  type ClientMessage,
  CODES,
  DELIMITER,
  HEADER_BYTES,
  MARKER,
  TlvPackets,
} from "./wire.ts";

/** Decodes what a client sends. Packets with other codes than a client's are skipped. */
export function createTlvClientDecoder(limits: FrameLimits): SteppedDecoder<ClientMessage> {
  const bets = new BetsReader();
  return createFrameDecoder(
    new TlvPackets(limits.frameBytesMax, (code, packet) => parseClient(code, packet, bets)),
  );
}

/** Decodes what a central sends. The messages are copies, not views. */
export function createTlvCentralDecoder(limits: FrameLimits): Decoder<CentralMessage> {
  return createFrameDecoder(new TlvPackets(limits.frameBytesMax, parseCentral));
}

function parseClient(code: number, packet: Buffer, bets: BetsReader): ClientMessage | undefined {
  switch (code) {
    case CODES.close:
      return { kind: "close" };
    case CODES.bet:
      return bets.single(packet);
    case CODES.batch: {
      const end = packet.indexOf(DELIMITER, HEADER_BYTES);
      const count = decimal(packet, HEADER_BYTES, Math.max(end, HEADER_BYTES));
      if (Number.isNaN(count)) throw malformed("batch", "its count is no number");
      if (count === 0 && end + 1 === packet.length) return { kind: "empty-batch" };
      return bets.batch(packet, end + 1, count);
    }
    case CODES.done:
      return { kind: "done", agency: parseAgency(packet, "end of bets") };
    case CODES.question:
      return { kind: "question", agency: parseAgency(packet, "question") };
    default:
      return undefined;
  }
}

function parseCentral(code: number, packet: Buffer): CentralMessage {
  switch (code) {
    case CODES.ok:
      expectEmpty(packet, "confirmation");
      return { kind: "ok" };
    case CODES.refused:
      return { kind: "refused", text: parseText(packet, "refusal") };
    case CODES.winners: {
      const text = parseText(packet, "winners");
      if (text !== "" && !text.endsWith("#")) throw malformed("winners", "the last # is missing");
      const documents = text.slice(0, -1);
      return { kind: "winners", documents: documents === "" ? [] : documents.split("#") };
    }
    case CODES.notYet:
      expectEmpty(packet, "answer");
      return { kind: "not-yet" };
    default:
      throw new ProtocolError("UNKNOWN_TYPE", `Cannot decode packet: code ${code} is no answer`);
  }
}

/** Reads a body that is only an agency's number and `#`. */
function parseAgency(packet: Buffer, what: string): number {
  const end = packet.length - 1;
  const agency = packet[end] === DELIMITER ? decimal(packet, HEADER_BYTES, end) : Number.NaN;
  if (Number.isNaN(agency)) throw malformed(what, "its body is not a number and #");
  return agency;
}

function parseText(packet: Buffer, what: string): string {
  const body = packet.subarray(HEADER_BYTES);
  if (!isUtf8(body)) throw malformed(what, "it is not UTF-8");
  return body.toString("utf8");
}

function expectEmpty(packet: Buffer, what: string): void {
  const bodyBytes = packet.length - HEADER_BYTES;
  if (bodyBytes > 0)
    throw malformed(what, `its body has ${plural(bodyBytes, "byte")}, none are expected`);
}

function malformed(what: string, state: string): ProtocolError {
  return new ProtocolError("MALFORMED", `Cannot decode ${what}: ${state}`);
}

const ZERO = 0x30;

/** The result of a search that finds nothing. */
const NONE = -1;

/**
 * Turns the fields of bets into canonical lines.
 *
 * It stops where a packet is wrong. Then there are fewer lines than announced, or the bytes after the bets
 * become a line that is not canonical. So the whole batch is refused when the lines are counted and checked.
 */
export class BetsReader {
  readonly #writer = new BetLineWriter();

  /** Reads the bets of a batch. @param at offset of the first marker, after the count */
  batch(packet: Buffer, at: number, count: number): Batch {
    const writer = this.#clear();
    let rest = at;
    for (let index = 0; index < count; index++) {
      const betAt = afterMarker(packet, rest, index);
      const next = betAt === NONE ? NONE : writeBet(packet, betAt, writer);
      if (next === NONE) break;
      rest = next;
    }
    const agency = agencyOf(packet, afterMarker(packet, at, 0));
    return { kind: "batch", single: false, agency, count, lines: finish(packet, rest, writer) };
  }

  /** Reads the only bet of a packet. */
  single(packet: Buffer): Batch {
    const writer = this.#clear();
    const next = writeBet(packet, HEADER_BYTES, writer);
    const agency = agencyOf(packet, HEADER_BYTES);
    const lines = finish(packet, next === NONE ? HEADER_BYTES : next, writer);
    return { kind: "batch", single: true, agency, count: 1, lines };
  }

  #clear(): BetLineWriter {
    this.#writer.clear();
    return this.#writer;
  }
}

/** @returns where the bet ends; {@link NONE}, and nothing is written, when the packet ends before */
function writeBet(packet: Buffer, agency: number, writer: BetLineWriter): number {
  const end = writer.fields(packet, agency, packet.length, 6, DELIMITER, DELIMITER);
  if (end === NONE) return writeUncommonBet(packet, agency, writer);
  writer.endLine();
  return end + 1;
}

/** As {@link writeBet}, for a bet in which a name needs quotes or a number loses zeros, or that is wrong. */
function writeUncommonBet(packet: Buffer, agency: number, writer: BetLineWriter): number {
  const first = nextField(packet, agency);
  const last = nextField(packet, first);
  const document = nextField(packet, last);
  const birthdate = nextField(packet, document);
  const number = nextField(packet, birthdate);
  const next = nextField(packet, number);
  if (next > packet.length) return NONE;
  writer
    .number(packet, agency, first - 1)
    .name(packet, first, last - 1)
    .name(packet, last, document - 1)
    .document(packet, document, birthdate - 1)
    .birthdate(packet, birthdate, number - 1)
    .number(packet, number, next - 1)
    .endLine();
  return next;
}

/** Makes a wrong line of the bytes that are left, if any: nothing may follow the bets. */
function finish(packet: Buffer, rest: number, writer: BetLineWriter): Buffer {
  if (rest < packet.length) writer.number(packet, rest, packet.length).endLine();
  return writer.lines;
}

/** @returns where the field after the one at `at` begins; beyond the packet when there is none */
function nextField(packet: Buffer, at: number): number {
  let end = at;
  while (end < packet.length && packet[end] !== DELIMITER) end++;
  return end + 1;
}

/** @returns where the bet after the marker `@index#` begins; {@link NONE} without that marker */
function afterMarker(packet: Buffer, at: number, index: number): number {
  if (packet[at] !== MARKER) return NONE;
  let end = at + 1;
  let value = 0;
  for (; end < packet.length && packet[end] !== DELIMITER; end++) {
    const digit = (packet[end] as number) - ZERO;
    value = value * 10 + digit;
    // No leading zero is allowed, and no number above the index.
    if (digit < 0 || digit > 9 || value > index || (value === 0 && end > at + 1)) return NONE;
  }
  return value === index && end > at + 1 && end < packet.length ? end + 1 : NONE;
}

/** The agency's number in the field at `at`; 0 when there is none. */
function agencyOf(packet: Buffer, at: number): number {
  if (at === NONE) return 0;
  const end = packet.indexOf(DELIMITER, at);
  return end < 0 ? 0 : decimal(packet, at, end) || 0;
}
