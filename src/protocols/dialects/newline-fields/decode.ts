import { isUtf8 } from "node:buffer";
import type { Decoder, SteppedDecoder } from "../../codec.ts";
import type { FrameLimits } from "../../dialect.ts";
import { createFrameDecoder } from "../../kit/frame-decoder.ts";
import { decimal, BetLineWriter } from "../../kit/line-writer.ts";
import { ProtocolError } from "../../protocol-error.ts";
import {
  BATCH_TYPE,
  BET_FIELDS,
  type CentralMessage,
  type ClientMessage,
  CONFIRMATION_TYPE,
  LF,
  lineEnd,
  MESSAGE_END,
  messageFraming,
  NOTED_TEXT,
  QUESTION_TYPE,
  STORED_TEXT,
  UNREADABLE_TEXT,
} from "./wire.ts";

/** Decodes what clients of all versions send. The lines of a batch are a view, valid until the next batch. */
export function createNewlineFieldsClientDecoder(
  limits: FrameLimits,
): SteppedDecoder<ClientMessage> {
  const bets = new BetsReader();
  return createFrameDecoder({
    ...messageFraming(limits),
    parse: (message) => parseClient(message, bets),
  });
}

/** Decodes what centrals of all versions answer. */
export function createNewlineFieldsCentralDecoder(limits: FrameLimits): Decoder<CentralMessage> {
  return createFrameDecoder({ ...messageFraming(limits), parse: parseCentral });
}

function parseClient(message: Buffer, bets: BetsReader): ClientMessage {
  const typeEnd = lineEnd(message, 0);
  // Leave the empty line out: every line before it ends in its LF.
  const end = message.length - 1;
  const readable = isUtf8(message);
  switch (message.toString("latin1", 0, typeEnd)) {
    case BATCH_TYPE: {
      const read = bets.read(message, typeEnd + 1, end);
      return { kind: "batch", typed: true, single: false, ...read, readable };
    }
    case CONFIRMATION_TYPE:
      if (!readable) return { kind: "unreadable" };
      return { kind: "confirmation", agency: soleNumber(message, typeEnd + 1, end) };
    case QUESTION_TYPE:
      if (!readable) return { kind: "unreadable" };
      return { kind: "question", agency: soleNumber(message, typeEnd + 1, end) };
    default: {
      if (Number.isNaN(decimal(message, 0, typeEnd))) return refuseType(readable);
      const read = bets.read(message, 0, end);
      return { kind: "batch", typed: false, single: read.count === 1, ...read, readable };
    }
  }
}

function refuseType(readable: boolean): ClientMessage {
  if (!readable) return { kind: "unreadable" };
  throw new ProtocolError(
    "UNKNOWN_TYPE",
    "Cannot decode message: its first line is neither a type nor an agency's number",
  );
}

/** The only number that a message has after its type. */
function soleNumber(message: Buffer, start: number, end: number): number {
  const number = start < end ? decimal(message, start, lineEnd(message, start)) : Number.NaN;
  if (Number.isNaN(number) || lineEnd(message, start) + 1 !== end) {
    throw new ProtocolError(
      "MALFORMED",
      "Cannot decode message: its type is not followed by one agency's number",
    );
  }
  return number;
}

function parseCentral(message: Buffer): CentralMessage {
  const text = message.toString("latin1", 0, message.length - MESSAGE_END.length);
  switch (text) {
    case STORED_TEXT:
      return { kind: "stored" };
    case NOTED_TEXT:
      return { kind: "noted" };
    case UNREADABLE_TEXT:
      return { kind: "unreadable" };
    case "":
      return { kind: "winners", documents: [] };
    default:
      if (/^[0-9\n]+$/.test(text)) return { kind: "winners", documents: text.split("\n") };
      throw new ProtocolError(
        "MALFORMED",
        "Cannot decode answer: it is neither a known text nor a list of documents",
      );
  }
}

/** The bets of one message. */
export interface BetsRead {
  readonly agency: number;
  readonly count: number;
  readonly lines: Uint8Array;
}

/** Turns bets of six lines each into canonical lines. All batches use one buffer. */
export class BetsReader {
  readonly #writer = new BetLineWriter();
  /** Where the fields of the current bet end. */
  readonly #ends = new Int32Array(BET_FIELDS);

  /**
   * @param start where the first bet begins
   * @param end where the bets end, directly after an LF
   * @returns the bets; their lines are valid until the next call
   */
  read(message: Uint8Array, start: number, end: number): BetsRead {
    this.#writer.clear();
    let count = 0;
    for (let at = start; at < end; count++) at = this.#copy(message, at, end);
    const agency = count === 0 ? Number.NaN : decimal(message, start, lineEnd(message, start));
    return { agency, count, lines: this.#writer.lines };
  }

  /** @returns where the next bet begins; `end` when lines are missing, and nothing is written */
  #copy(message: Uint8Array, start: number, end: number): number {
    const writer = this.#writer;
    const last = writer.fields(message, start, end, BET_FIELDS, LF, LF);
    if (last >= 0) {
      writer.endLine();
      return last + 1;
    }
    const next = this.#cut(message, start, end);
    if (next !== undefined) this.#write(message, start);
    return next ?? end;
  }

  /** @returns where the next bet begins; undefined when lines are missing */
  #cut(message: Uint8Array, start: number, end: number): number | undefined {
    let at = start;
    for (let field = 0; field < BET_FIELDS; field++) {
      if (at >= end) return undefined;
      const fieldEnd = lineEnd(message, at);
      this.#ends[field] = fieldEnd;
      at = fieldEnd + 1;
    }
    return at;
  }

  /** Writes a bet in which a name needs quotes or a number loses zeros, or six lines that are not a bet. */
  #write(message: Uint8Array, start: number): void {
    const [agency = 0, first = 0, last = 0, document = 0, birthdate = 0, number = 0] = this.#ends;
    this.#writer
      .number(message, start, agency)
      .name(message, agency + 1, first)
      .name(message, first + 1, last)
      .document(message, last + 1, document)
      .birthdate(message, document + 1, birthdate)
      .number(message, birthdate + 1, number)
      .endLine();
  }
}
