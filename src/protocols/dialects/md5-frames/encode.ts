import { createHash } from "node:crypto";
import type { Bet } from "../../../lottery/bet.ts";
import type { FlawField } from "../../../lottery/flaw.ts";
import type { Winners } from "../../../store/bet-store.ts";
import type { BatchMeasure } from "../../agency-link.ts";
import { documentsText, documentsTextBytes } from "../../kit/documents-text.ts";
import { SPACED_AT_ENDS } from "./pairs.ts";
import {
  type AgencyMessage,
  type CentralMessage,
  FAILURE,
  IDENTIFIER_AT,
  IN_PROGRESS,
  LENGTH_BYTES,
  PAYLOAD_AT,
  SUCCESS,
  TYPE_AT,
  TYPES,
  WINNERS_END,
  WINNERS_START,
} from "./wire.ts";

export function encodeAgency(message: AgencyMessage): Buffer {
  switch (message.kind) {
    case "bet":
      return request(TYPES.bet, betText(message.bet));
    case "batch":
      return request(TYPES.batch, message.bets.map(betText).join(BETWEEN));
    case "done":
      return request(TYPES.done, `{agency:${message.agency}}`);
    case "question":
      return request(TYPES.question, `{agency:${message.agency}}`);
    default:
      return message satisfies never;
  }
}

export function encodeCentral(message: CentralMessage): Buffer {
  const { identifier } = message;
  switch (message.kind) {
    case "success":
      return frame(TYPES.result, identifier, SUCCESS);
    case "failure":
      return frame(TYPES.result, identifier, FAILURE);
    case "winners": {
      const documents = message.documents.join(BETWEEN);
      return frame(TYPES.winners, identifier, WINNERS_START + documents + WINNERS_END);
    }
    case "in-progress":
      return frame(TYPES.winners, identifier, IN_PROGRESS);
    case "question-failure":
      return frame(TYPES.winners, identifier, FAILURE);
    default:
      return message satisfies never;
  }
}

/** The bytes of a message with all documents, in pieces. */
export async function* encodeWinners(
  winners: Winners,
  identifier: Uint8Array,
): AsyncGenerator<Uint8Array, void> {
  const start = Buffer.from(WINNERS_START);
  const end = Buffer.from(WINNERS_END);
  const head = Buffer.alloc(PAYLOAD_AT);
  const payloadBytes = start.length + documentsTextBytes(winners, BETWEEN) + end.length;
  writeHead(head, TYPES.winners, identifier, payloadBytes);
  yield head;
  yield start;
  yield* documentsText(winners, BETWEEN);
  yield end;
}

/** Goes between two documents, or two bets. */
const BETWEEN = "|";

/** A bet as a payload has it: nothing is quoted or escaped. */
export function betText(bet: Bet): string {
  const { agency, firstName, lastName, document, birthdate, number } = bet;
  return `{agency:${agency},nombre:${firstName},apellido:${lastName},dni:${document},nacimiento:${birthdate},numero:${number}}`;
}

function request(type: number, payload: string): Buffer {
  return frame(type, createHash("md5").update(payload, "utf8").digest(), payload);
}

function frame(type: number, identifier: Uint8Array, payload: string): Buffer {
  const bytes = Buffer.allocUnsafe(PAYLOAD_AT + Buffer.byteLength(payload));
  writeHead(bytes, type, identifier, bytes.length - PAYLOAD_AT);
  bytes.write(payload, PAYLOAD_AT, "utf8");
  return bytes;
}

function writeHead(
  bytes: Buffer,
  type: number,
  identifier: Uint8Array,
  payloadBytes: number,
): void {
  bytes.writeUInt32BE(PAYLOAD_AT + payloadBytes - LENGTH_BYTES);
  bytes.writeUInt16BE(type, TYPE_AT);
  bytes.set(identifier, IDENTIFIER_AT);
}

export const md5FramesMeasure: BatchMeasure = {
  overheadBytes: PAYLOAD_AT,
  /** Counts the bar between two bets. */
  betBytes: (bet, _lineBytes, index) => Buffer.byteLength(betText(bet)) + (index > 0 ? 1 : 0),
};

const TEXT_FIELDS = ["firstName", "lastName", "document", "birthdate"] as const;

/** Why a bet cannot be sent: nothing is escaped, and a central strips white space around every value. */
export function unfitForMd5Frames(bet: Bet): { field: FlawField; reason: string } | undefined {
  for (const field of TEXT_FIELDS) {
    const text = bet[field];
    const mark = /[,|]/.exec(text)?.[0];
    if (mark !== undefined) {
      return { field, reason: `has a ${mark} which md5-frames cannot carry` };
    }
    if (SPACED_AT_ENDS.test(text)) {
      return { field, reason: "has white space at an end, where md5-frames loses it" };
    }
    if (!text.isWellFormed()) return { field, reason: "is not valid Unicode" };
  }
  return undefined;
}
