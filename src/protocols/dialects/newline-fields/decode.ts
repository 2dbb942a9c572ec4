import { isUtf8 } from "node:buffer";
import type { Decoder, SteppedDecoder } from "../../codec.ts";
import type { FrameLimits } from "../../dialect.ts";
import { createFrameDecoder } from "../../kit/frame-decoder.ts";
import { decimal } from "../../kit/line-writer.ts";
import { ProtocolError } from "../../protocol-error.ts";
import { BetsReader } from "./bets-reader.ts";
import { lineEnd, messageFraming } from "./framing.ts";
import {
  BATCH_TYPE,
  CONFIRMATION_TYPE,
  MESSAGE_END,
  NOTED_TEXT,
  QUESTION_TYPE,
  STORED_TEXT,
  UNREADABLE_TEXT,
} from "./layout.ts";
import type { CentralMessage, ClientMessage } from "./messages.ts";

/** Of what clients of all versions send. The lines of a batch are a view, valid until the next one. */
export function createNewlineFieldsClientDecoder(
  limits: FrameLimits,
): SteppedDecoder<ClientMessage> {
  const bets = new BetsReader();
  return createFrameDecoder({
    ...messageFraming(limits),
    parse: (message) => parseClient(message, bets),
  });
}

/** Of what centrals of all versions answer. */
export function createNewlineFieldsCentralDecoder(limits: FrameLimits): Decoder<CentralMessage> {
  return createFrameDecoder({ ...messageFraming(limits), parse: parseCentral });
}

function parseClient(message: Buffer, bets: BetsReader): ClientMessage {
  const typeEnd = lineEnd(message, 0);
  // Without the empty line: every line up to here ends in its LF.
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

/** The one number that a message has below its type. */
function soleNumber(message: Buffer, start: number, end: number): number {
  const number = start < end ? decimal(message, start, lineEnd(message, start)) : Number.NaN;
  if (Number.isNaN(number) || lineEnd(message, start) + 1 !== end) {
    throw new ProtocolError(
      "MALFORMED",
      "Cannot decode message: below its type is more or less than an agency's number",
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
