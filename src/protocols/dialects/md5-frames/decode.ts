import type { Decoder, SteppedDecoder } from "../../codec.ts";
import type { FrameLimits } from "../../dialect.ts";
import { createFrameDecoder } from "../../kit/frame-decoder.ts";
import { decimal, BetLineWriter } from "../../kit/line-writer.ts";
import { ProtocolError } from "../../protocol-error.ts";
import { Pairs, wordsOf } from "./pairs.ts";
import { writeUsualPart } from "./usual-part.ts";
import {
  type Batch,
  type CentralAnswer,
  type CentralMessage,
  type ClientMessage,
  FAILURE,
  IDENTIFIER_AT,
  IN_PROGRESS,
  Md5Frames,
  PAYLOAD_AT,
  SUCCESS,
  TYPES,
  WINNERS_END,
  WINNERS_START,
} from "./wire.ts";

/** Decodes what a client sends. Identifiers are not checked: the answer only repeats them. */
export function createMd5FramesClientDecoder(limits: FrameLimits): SteppedDecoder<ClientMessage> {
  const bets = new BetsReader();
  return createFrameDecoder(
    new Md5Frames(limits.frameBytesMax, (type, frame) => parseClient(type, frame, bets)),
  );
}

/** Decodes what a central sends. The messages are copies, not views. */
export function createMd5FramesCentralDecoder(limits: FrameLimits): Decoder<CentralMessage> {
  return createFrameDecoder(new Md5Frames(limits.frameBytesMax, parseCentral));
}

function parseClient(type: number, frame: Buffer, bets: BetsReader): ClientMessage {
  switch (type) {
    case TYPES.bet:
      return bets.single(frame);
    case TYPES.batch:
      return bets.batch(frame);
    case TYPES.done:
      return { kind: "done", identifier: identifierOf(frame), agency: bets.agency(frame) };
    case TYPES.question:
      return { kind: "question", identifier: identifierOf(frame), agency: bets.agency(frame) };
    default:
      throw new ProtocolError(
        "UNKNOWN_TYPE",
        `Cannot decode frame: type ${type} is not a client's`,
      );
  }
}

function parseCentral(type: number, frame: Buffer): CentralMessage {
  const payload = frame.toString("utf8", PAYLOAD_AT);
  return { ...parseAnswer(type, payload), identifier: Buffer.from(identifierOf(frame)) };
}

function parseAnswer(type: number, payload: string): CentralAnswer {
  if (type === TYPES.result) {
    if (payload === SUCCESS) return { kind: "success" };
    if (payload === FAILURE) return { kind: "failure" };
  } else if (type === TYPES.winners) {
    if (payload === IN_PROGRESS) return { kind: "in-progress" };
    if (payload === FAILURE) return { kind: "question-failure" };
    const documents = documentsIn(payload);
    if (documents !== undefined) return { kind: "winners", documents };
  } else {
    throw new ProtocolError("UNKNOWN_TYPE", `Cannot decode frame: type ${type} is no answer`);
  }
  throw new ProtocolError(
    "MALFORMED",
    `Cannot decode answer: its payload means nothing in type ${type}`,
  );
}

function documentsIn(payload: string): string[] | undefined {
  if (!payload.startsWith(WINNERS_START) || !payload.endsWith(WINNERS_END)) return undefined;
  const list = payload.slice(WINNERS_START.length, -WINNERS_END.length);
  return list === "" ? [] : list.split("|");
}

// Indices in KEYS.
const AGENCY = 0;
const FIRST_NAME = 1;
const LAST_NAME = 2;
const DOCUMENT = 3;
const BIRTHDATE = 4;
const NUMBER = 5;

/**
 * Turns payloads into canonical lines. A part that is not a bet becomes a line that is not canonical, so that
 * the whole batch is refused when the lines are checked.
 */
export class BetsReader {
  readonly #writer = new BetLineWriter();
  readonly #pairs = new Pairs();

  /** Reads bets with bars between them. */
  batch(frame: Buffer): Batch {
    return this.#read(frame, false);
  }

  /** Reads one bet: here a bar is an ordinary character. */
  single(frame: Buffer): Batch {
    return this.#read(frame, true);
  }

  /** The agency in a payload; 0 when there is none. */
  agency(frame: Buffer): number {
    this.#pairs.read(frame, wordsOf(frame), PAYLOAD_AT, false);
    return this.#agency(frame);
  }

  #read(frame: Buffer, single: boolean): Batch {
    const writer = this.#writer;
    const pairs = this.#pairs;
    writer.clear();
    const words = wordsOf(frame);
    let end = pairs.read(frame, words, PAYLOAD_AT, !single);
    const agency = this.#agency(frame);
    this.#write(frame, PAYLOAD_AT, end);
    while (end < frame.length) {
      const at = end + 1;
      end = writeUsualPart(writer, frame, words, at);
      if (end >= 0) continue;
      end = pairs.read(frame, words, at, true);
      this.#write(frame, at, end);
    }
    const identifier = identifierOf(frame);
    const { count, lines } = writer;
    return { kind: "batch", identifier, single, agency, count, lines };
  }

  /** The agency of the part that was read last. */
  #agency(frame: Buffer): number {
    const { starts, ends } = this.#pairs;
    if (!this.#pairs.has(AGENCY)) return 0;
    return decimal(frame, starts[AGENCY] as number, ends[AGENCY] as number) || 0;
  }

  /** Writes the line of the part that was read last, which is between `start` and `end`. */
  #write(frame: Buffer, start: number, end: number): void {
    const writer = this.#writer;
    const { starts, ends, complete } = this.#pairs;
    if (!complete) {
      writer.number(frame, start, end).endLine();
      return;
    }
    writer
      .number(frame, starts[AGENCY] as number, ends[AGENCY] as number)
      .name(frame, starts[FIRST_NAME] as number, ends[FIRST_NAME] as number)
      .name(frame, starts[LAST_NAME] as number, ends[LAST_NAME] as number)
      .document(frame, starts[DOCUMENT] as number, ends[DOCUMENT] as number)
      .birthdate(frame, starts[BIRTHDATE] as number, ends[BIRTHDATE] as number)
      .number(frame, starts[NUMBER] as number, ends[NUMBER] as number)
      .endLine();
  }
}

/** The identifier of a frame: a view. */
export function identifierOf(frame: Buffer): Buffer {
  return frame.subarray(IDENTIFIER_AT, PAYLOAD_AT);
}
