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

/** The bytes are not to be changed: those of an answer without a body are the same every time. */
export function encodeCentral(message: CentralMessage): Buffer {
  switch (message.kind) {
    case "ok":
      return OK;
    case "refused":
      return packet(CODES.refused, message.text);
    case "winners":
      // No documents leave the delimiter of the last one all the same.
      return packet(CODES.winners, message.documents.join(DELIMITER) + DELIMITER);
    case "not-yet":
      return NOT_YET;
    default:
      return message satisfies never;
  }
}

/** The same bytes as those of a message with all documents, a piece at a time. */
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
export function betFields(bet: Bet): string {
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

/** Header, and the count of none: `0#`. */
const OVERHEAD_BYTES = HEADER_BYTES + 2;

export const tlvMeasure: BatchMeasure = {
  overheadBytes: OVERHEAD_BYTES,
  betBytes(bet, _lineBytes, index) {
    const markerBytes = 2 + digits(index);
    // The tenth bet makes the count longer, the hundredth again.
    const countBytes = digits(index + 1) - digits(index);
    return markerBytes + Buffer.byteLength(betFields(bet)) + countBytes;
  },
};

function digits(count: number): number {
  return `${count}`.length;
}

const TEXT_FIELDS = ["firstName", "lastName", "document", "birthdate"] as const;

/** Every field ends at its `#`, and nothing is escaped. */
export function unfitForTlv(bet: Bet): { field: FlawField; reason: string } | undefined {
  for (const field of TEXT_FIELDS) {
    if (bet[field].includes("#")) return { field, reason: "has a #, which tlv cannot carry" };
    if (!bet[field].isWellFormed()) return { field, reason: "is not valid Unicode" };
  }
  return undefined;
}
