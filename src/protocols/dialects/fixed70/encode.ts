import type { Bet } from "../../../lottery/bet.ts";
import { documentsIn } from "../../../lottery/winners.ts";
import type { Winners } from "../../../store/bet-store.ts";
import {
  BIRTHDATE_AT,
  BIRTHDATE_BYTES_MAX,
  CONFIRMATIONS,
  COUNT_BYTES,
  DOCUMENT_AT,
  FIRST_NAME_AT,
  HELLO_BYTES,
  LAST_NAME_AT,
  NAME_BYTES_MAX,
  NUMBER_AT,
  RECORD_BYTES,
  U32_BYTES,
} from "./layout.ts";
import type { AgencyMessage, CentralMessage } from "./messages.ts";

/** Bets must fit: {@link unfitBet}. */
export function encodeAgency(message: AgencyMessage): Buffer {
  switch (message.kind) {
    case "hello": {
      const bytes = Buffer.allocUnsafe(HELLO_BYTES);
      bytes.writeUInt32BE(message.agency);
      return bytes;
    }
    case "bet":
      return encodeRecords(0, [message.bet]);
    case "batch": {
      const bytes = encodeRecords(COUNT_BYTES, message.bets);
      bytes.writeUInt32BE(message.bets.length);
      return bytes;
    }
    case "zero":
      return Buffer.alloc(COUNT_BYTES);
    default:
      return message satisfies never;
  }
}

/** The bytes are not to be changed: those of a confirmation are the same every time. */
export function encodeCentral(message: CentralMessage): Buffer {
  switch (message.kind) {
    case "confirmation":
      return CONFIRMATIONS[message.version];
    case "winners": {
      const { documents } = message;
      return Buffer.concat([encodeCount(documents.length), encodeDocuments(documents)]);
    }
    default:
      return message satisfies never;
  }
}

/** The same bytes as those of a message with all documents, a piece at a time. */
export async function* encodeWinners(winners: Winners): AsyncGenerator<Uint8Array, void> {
  yield encodeCount(winners.count);
  for await (const lines of winners.blocks()) yield encodeDocuments([...documentsIn(lines)]);
}

function encodeCount(count: number): Buffer {
  const bytes = Buffer.allocUnsafe(COUNT_BYTES);
  bytes.writeUInt32BE(count);
  return bytes;
}

function encodeDocuments(documents: readonly string[]): Buffer {
  const bytes = Buffer.allocUnsafe(U32_BYTES * documents.length);
  let at = 0;
  for (const document of documents) at = bytes.writeUInt32BE(Number(document), at);
  return bytes;
}

function encodeRecords(recordsAt: number, bets: readonly Bet[]): Buffer {
  const bytes = Buffer.alloc(recordsAt + RECORD_BYTES * bets.length);
  for (const [index, bet] of bets.entries()) {
    const at = recordsAt + RECORD_BYTES * index;
    bytes.writeUInt32BE(bet.agency, at);
    bytes.write(bet.firstName, at + FIRST_NAME_AT, NAME_BYTES_MAX);
    bytes.write(bet.lastName, at + LAST_NAME_AT, NAME_BYTES_MAX);
    bytes.writeUInt32BE(Number(bet.document), at + DOCUMENT_AT);
    bytes.write(bet.birthdate, at + BIRTHDATE_AT, BIRTHDATE_BYTES_MAX);
    bytes.writeUInt32BE(bet.number, at + NUMBER_AT);
  }
  return bytes;
}
