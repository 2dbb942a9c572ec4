import type { Bet } from "../../../lottery/bet.ts";
import type { FlawField } from "../../../lottery/flaw.ts";
import type { Winners } from "../../../store/bet-store.ts";
import type { BatchMeasure } from "../../agency-link.ts";
import { documentsText, documentsTextBytes } from "../../kit/documents-text.ts";
import { type AgencyMessage, type CentralMessage, CODES, HEADER_BYTES, LENGTH_AT } from "./wire.ts";

export function encodeAgency(message: AgencyMessage): Buffer {
  switch (message.kind) {
    case "bet":
      return packet(CODES.bet, betFields(message.bet));
    case "batch":
      return packet(CODES.batch, batchFields(message.bets));
    case "done":
      return packet(CODES.done, `${message.agency}#`);
    case "question":
      return packet(CODES.question, `${message.agency}#`);
    default:
      return message satisfies never;
  }
}

/** Do not change the bytes: an answer without a body is the same buffer every time. */
export function encodeCentral(message: CentralMessage): Buffer {
  switch (message.kind) {
    case "ok":
      return OK;
    case "refused":
      return packet(CODES.refused, message.text);
    case "winners":
      // Without documents the body is still one delimiter.
      return packet(CODES.winners, message.documents.join(DELIMITER) + DELIMITER);
    case "not-yet":
      return NOT_YET;
    default:
      return message satisfies never;
  }
}

/** The bytes of a message with all documents, in pieces. */
export async function* encodeWinners(winners: Winners): AsyncGenerator<Uint8Array, void> {
  const bytes = Buffer.alloc(HEADER_BYTES);
  writeHeader(bytes, CODES.winners, documentsTextBytes(winners, DELIMITER) + DELIMITER.length);
  yield bytes;
  yield* documentsText(winners, DELIMITER);
  yield Buffer.from(DELIMITER);
}

/** Ends every field. */
const DELIMITER = "#";

function batchFields(bets: readonly Bet[]): string {
  let fields = `${bets.length}#`;
  for (const [index, bet] of bets.entries()) fields += `@${index}#${betFields(bet)}`;
  return fields;
}

/** The six fields of a bet, each with its delimiter. */
function betFields(bet: Bet): string {
  const { agency, firstName, lastName, document, birthdate, number } = bet;
  return `${agency}#${firstName}#${lastName}#${document}#${birthdate}#${number}#`;
}

function packet(code: number, body: string): Buffer {
  const bodyBytes = Buffer.byteLength(body);
  const bytes = Buffer.allocUnsafe(HEADER_BYTES + bodyBytes);
  writeHeader(bytes, code, bodyBytes);
  bytes.write(body, HEADER_BYTES, "utf8");
  return bytes;
}

function writeHeader(bytes: Buffer, code: number, bodyBytes: number): void {
  bytes[0] = code;
  bytes.writeUInt32BE(bodyBytes, LENGTH_AT);
}

const OK = packet(CODES.ok, "");
const NOT_YET = packet(CODES.notYet, "");

/** The header, and the count of an empty batch: `0#`. */
const OVERHEAD_BYTES = HEADER_BYTES + 2;

export const tlvMeasure: BatchMeasure = {
  overheadBytes: OVERHEAD_BYTES,
  betBytes(bet, _lineBytes, index) {
    const markerBytes = 2 + digits(index);
    // The tenth bet makes the count one digit longer, the hundredth one more.
    const countBytes = digits(index + 1) - digits(index);
    return markerBytes + Buffer.byteLength(betFields(bet)) + countBytes;
  },
};

function digits(count: number): number {
  return `${count}`.length;
}

const TEXT_FIELDS = ["firstName", "lastName", "document", "birthdate"] as const;

/** Why a bet cannot be sent: every field ends at its `#`, and nothing is escaped. */
export function unfitForTlv(bet: Bet): { field: FlawField; reason: string } | undefined {
  for (const field of TEXT_FIELDS) {
    if (bet[field].includes("#")) return { field, reason: "has a #, which tlv cannot carry" };
    if (!bet[field].isWellFormed()) return { field, reason: "is not valid Unicode" };
  }
  return undefined;
}
