import type { Decoder, SteppedDecoder } from "../../codec.ts";
import type { FrameLimits } from "../../dialect.ts";
import { createFrameDecoder } from "../../kit/frame-decoder.ts";
import { ProtocolError } from "../../protocol-error.ts";
import { BetsReader, identifierOf } from "./bets-reader.ts";
import { Md5Frames } from "./framing.ts";
import {
  FAILURE,
  IN_PROGRESS,
  PAYLOAD_AT,
  SUCCESS,
  TYPES,
  WINNERS_END,
  WINNERS_START,
} from "./layout.ts";
import type { CentralAnswer, CentralMessage, ClientMessage } from "./messages.ts";

/** Decodes what a client sends. Identifiers are handed on as they are: nothing depends on them. */
export function createMd5FramesClientDecoder(limits: FrameLimits): SteppedDecoder<ClientMessage> {
  const bets = new BetsReader();
  return createFrameDecoder(
    new Md5Frames(limits.frameBytesMax, (type, frame) => parseClient(type, frame, bets)),
  );
}

/** Decodes what a central sends. The messages own what they hold. */
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
