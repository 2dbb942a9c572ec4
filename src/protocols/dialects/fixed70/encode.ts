import type { Bet } from "../../../lottery/bet.ts";
import type { FlawField } from "../../../lottery/flaw.ts";
import { documentsIn } from "../../../lottery/winners.ts";
import type { Winners } from "../../../store/bet-store.ts";
import {
  type AgencyMessage,
  BIRTHDATE_AT,
  BIRTHDATE_BYTES_MAX,
  type CentralMessage,
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
  U32_MAX,
} from "./wire.ts";

/** Encodes what an agency sends. The dialect must be able to carry the bets: see {@link unfitBet}. */
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

/** Do not change the bytes: a confirmation is the same buffer every time. */
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

/** The bytes of a message with all documents, in pieces. */
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

type Unfit = { readonly field: FlawField; readonly reason: string };

/** Why a record cannot carry a bet unchanged. */
export function unfitBet(bet: Bet): Unfit | undefined {
  if (/^\p{Cc}|^$/u.test(bet.firstName)) {
    return { field: "firstName", reason: "must begin with a letter in fixed70" };
  }
  return (
    unfitText("firstName", bet.firstName, NAME_BYTES_MAX) ??
    unfitText("lastName", bet.lastName, NAME_BYTES_MAX) ??
    unfitDocument(bet.document) ??
    unfitText("birthdate", bet.birthdate, BIRTHDATE_BYTES_MAX) ??
    unfitNumber(bet.number)
  );
}

function unfitText(field: FlawField, text: string, bytesMax: number): Unfit | undefined {
  if (!text.isWellFormed()) return { field, reason: "is not valid Unicode" };
  if (text.startsWith("\0") || text.endsWith("\0")) {
    return { field, reason: "has a NUL at an end, which fixed70 cannot carry" };
  }
  const bytes = Buffer.byteLength(text);
  if (bytes <= bytesMax) return undefined;
  return { field, reason: `takes ${bytes} bytes, fixed70 has room for ${bytesMax}` };
}

function unfitDocument(document: string): Unfit | undefined {
  const field = "document";
  if (!/^\d{1,10}$/.test(document) || Number(document) > U32_MAX) {
    return { field, reason: "is no number of 32 bits, which fixed70 carries" };
  }
  if (document === `${Number(document)}`) return undefined;
  return { field, reason: "has leading zeros, which fixed70 cannot carry" };
}

function unfitNumber(number: number): Unfit | undefined {
  if (Number.isInteger(number) && number >= 0 && number <= U32_MAX) return undefined;
  return { field: "number", reason: "is no number of 32 bits, which fixed70 carries" };
}
