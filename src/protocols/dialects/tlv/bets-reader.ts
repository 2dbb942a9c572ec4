import { decimal, LineWriter } from "../../kit/line-writer.ts";
import { DELIMITER, HEADER_BYTES, MARKER } from "./layout.ts";
import type { Batch } from "./messages.ts";

const ZERO = 0x30;

/** What is looked for is not there. */
const NONE = -1;

/**
 * Turns the fields of bets into canonical lines.
 *
 * It stops where a packet is not as it should be: then the lines are fewer than announced, or what
 * is left behind the announced ones becomes a line that cannot be one. Whoever counts and checks the
 * lines refuses the whole batch.
 */
export class BetsReader {
  readonly #writer = new LineWriter();

  /** The bets of a batch. @param at of the first marker, behind the count */
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

  /** The only bet of a packet. */
  single(packet: Buffer): Batch {
    const writer = this.#clear();
    const next = writeBet(packet, HEADER_BYTES, writer);
    const agency = agencyOf(packet, HEADER_BYTES);
    const lines = finish(packet, next === NONE ? HEADER_BYTES : next, writer);
    return { kind: "batch", single: true, agency, count: 1, lines };
  }

  #clear(): LineWriter {
    this.#writer.clear();
    return this.#writer;
  }
}

/** @returns where the bet ends; {@link NONE}, and nothing is written, when the packet does before */
function writeBet(packet: Buffer, agency: number, writer: LineWriter): number {
  const first = nextField(packet, agency);
  if (first > packet.length) return NONE;
  writer.number(packet, agency, first - 1);
  const end = writer.rest(packet, first, packet.length, DELIMITER, DELIMITER);
  if (end === NONE) return writeUncommonBet(packet, first, writer);
  writer.endLine();
  return end + 1;
}

/** A bet in which a name takes quotes, or a number loses zeros; or none. As {@link writeBet}. */
function writeUncommonBet(packet: Buffer, first: number, writer: LineWriter): number {
  const last = nextField(packet, first);
  const document = nextField(packet, last);
  const birthdate = nextField(packet, document);
  const number = nextField(packet, birthdate);
  const next = nextField(packet, number);
  if (next > packet.length) {
    writer.dropLine();
    return NONE;
  }
  writer
    .name(packet, first, last - 1)
    .name(packet, last, document - 1)
    .document(packet, document, birthdate - 1)
    .birthdate(packet, birthdate, number - 1)
    .number(packet, number, next - 1)
    .endLine();
  return next;
}

/** Makes a line of what is left, which is none: nothing may follow the bets. */
function finish(packet: Buffer, rest: number, writer: LineWriter): Buffer {
  if (rest < packet.length) writer.number(packet, rest, packet.length).endLine();
  return writer.lines;
}

/** @returns where the field behind the one at `at` begins; beyond the packet for none */
function nextField(packet: Buffer, at: number): number {
  let end = at;
  while (end < packet.length && packet[end] !== DELIMITER) end++;
  return end + 1;
}

/** @returns where the bet behind the marker `@index#` begins; {@link NONE} without that marker */
function afterMarker(packet: Buffer, at: number, index: number): number {
  if (packet[at] !== MARKER) return NONE;
  let end = at + 1;
  let value = 0;
  for (; end < packet.length && packet[end] !== DELIMITER; end++) {
    const digit = (packet[end] as number) - ZERO;
    value = value * 10 + digit;
    // Plain numbers only: neither a leading zero nor anything that is longer than the index.
    if (digit < 0 || digit > 9 || value > index || (value === 0 && end > at + 1)) return NONE;
  }
  return value === index && end > at + 1 && end < packet.length ? end + 1 : NONE;
}

/** The agency's number in the field at `at`; 0 for none. */
function agencyOf(packet: Buffer, at: number): number {
  if (at === NONE) return 0;
  const end = packet.indexOf(DELIMITER, at);
  return end < 0 ? 0 : decimal(packet, at, end) || 0;
}
