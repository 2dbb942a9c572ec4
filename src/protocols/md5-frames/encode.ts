import { createHash } from "node:crypto";
import type { Bet } from "../../lottery/bet.ts";
import {
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
} from "./layout.ts";
import type { AgencyMessage, CentralMessage } from "./messages.ts";

export function encodeAgency(message: AgencyMessage): Buffer {
  switch (message.kind) {
    case "bet":
      return request(TYPES.bet, betText(message.bet));
    case "batch":
      return request(TYPES.batch, message.bets.map(betText).join("|"));
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
      const documents = message.documents.join("|");
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

/** A bet as it is in a payload: nothing is quoted or escaped. */
export function betText(bet: Bet): string {
  const { agency, firstName, lastName, document, birthdate, number } = bet;
  return `{agency:${agency},nombre:${firstName},apellido:${lastName},dni:${document},nacimiento:${birthdate},numero:${number}}`;
}

function request(type: number, payload: string): Buffer {
  return frame(type, createHash("md5").update(payload, "utf8").digest(), payload);
}

function frame(type: number, identifier: Uint8Array, payload: string): Buffer {
  const bytes = Buffer.allocUnsafe(PAYLOAD_AT + Buffer.byteLength(payload));
  bytes.writeUInt32BE(bytes.length - LENGTH_BYTES);
  bytes.writeUInt16BE(type, TYPE_AT);
  bytes.set(identifier, IDENTIFIER_AT);
  bytes.write(payload, PAYLOAD_AT, "utf8");
  return bytes;
}
