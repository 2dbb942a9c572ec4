import assert from "node:assert/strict";
import type { Bet } from "../../../../src/lottery/bet.ts";
import { recordedBets } from "../../recorded-bets.ts";
import { type RecordedConnection, readConnections, sentBy } from "../../transcript.ts";
import { frame, identifierIn, payloadIn } from "./codec.ts";

/** A recorded connection: one request, one answer. */
export interface Exchange {
  readonly name: string;
  readonly agency: number;
  readonly asked: Buffer;
  readonly answer: Buffer;
}

/** In the order in which they were accepted. @param folder as `ej6`, or "" for the final version */
export function readExchanges(folder: string): Exchange[] {
  return readConnections("md5-frames", folder).map((recorded: RecordedConnection) => ({
    name: recorded.name,
    agency: recorded.agency,
    asked: sentBy(recorded, "client"),
    answer: sentBy(recorded, "server"),
  }));
}

/** What the recorded client of an agency had to send; that of exercise 5 has but one bet. */
export function betsOf(folder: string, agency: number): Bet[] {
  const all = recordedBets(folder, agency);
  if (folder !== "ej5") return all;
  const [first = assert.fail()] = all;
  return [{ ...first, lastName: "Núñez" }];
}

/** The type in a frame. */
export function typeOf(bytes: Buffer): number {
  return bytes.readUInt16BE(4);
}

/** A recorded request as our agency sends it: numbers are numbers to it, so that 0007 is written 7. */
export function withPlainNumbers(asked: Buffer): Buffer {
  const payload = payloadIn(asked)
    .toString("latin1")
    .replaceAll(/(numero:)0+(\d)/g, "$1$2");
  return frame(typeOf(asked), Buffer.from(payload, "latin1"));
}

/** A recorded answer, to a request that had other bytes. */
export function answerTo(asked: Buffer, answer: Buffer): Buffer {
  return frame(typeOf(answer), payloadIn(answer), identifierIn(asked));
}
