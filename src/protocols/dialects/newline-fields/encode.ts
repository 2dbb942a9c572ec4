import type { Bet } from "../../../lottery/bet.ts";
import type { FlawField } from "../../../lottery/flaw.ts";
import type { Winners } from "../../../store/bet-store.ts";
import type { BatchMeasure } from "../../agency-link.ts";
import { documentsText } from "../../kit/documents-text.ts";
import {
  type AgencyMessage,
  BATCH_TYPE,
  type CentralMessage,
  CONFIRMATION_TYPE,
  NOTED_TEXT,
  QUESTION_TYPE,
  STORED_TEXT,
  UNREADABLE_TEXT,
} from "./wire.ts";

/** What an agency sends, in one buffer, so that it is sent in one write. */
export function encodeAgency(message: AgencyMessage): Buffer {
  return Buffer.from(agencyText(message));
}

/** The lines of a bet, each with its LF. */
export function betText(bet: Bet): string {
  const { agency, firstName, lastName, document, birthdate, number } = bet;
  return `${agency}\n${firstName}\n${lastName}\n${document}\n${birthdate}\n${number}\n`;
}

/** What a central answers. Do not change the bytes: "stored" is the same buffer every time. */
export function encodeCentral(message: CentralMessage): Buffer {
  return message.kind === "stored" ? STORED : Buffer.from(centralText(message));
}

/** The bytes of a message with all documents, in pieces. */
export async function* encodeWinners(winners: Winners): AsyncGenerator<Uint8Array, void> {
  yield* documentsText(winners, BETWEEN);
  yield Buffer.from(WINNERS_END);
}

/** Goes between two documents. */
const BETWEEN = "\n";
/** An empty line ends the list, and the course's central adds another LF to every answer. */
const WINNERS_END = "\n\n\n";

function agencyText(message: AgencyMessage): string {
  switch (message.kind) {
    case "batch": {
      const bets = message.bets.map(betText).join("");
      return message.typed ? `${BATCH_TYPE}\n${bets}\n` : `${bets}\n`;
    }
    case "confirmation":
      return `${CONFIRMATION_TYPE}\n${message.agency}\n\n`;
    case "question":
      return `${QUESTION_TYPE}\n${message.agency}\n\n`;
    default:
      return message satisfies never;
  }
}

function centralText(message: CentralMessage): string {
  switch (message.kind) {
    case "stored":
      return `${STORED_TEXT}\n\n`;
    case "noted":
      return `${NOTED_TEXT}\n\n`;
    case "unreadable":
      return `${UNREADABLE_TEXT}\n\n`;
    case "winners":
      return message.documents.join(BETWEEN) + WINNERS_END;
    default:
      return message satisfies never;
  }
}

const STORED = Buffer.from(centralText({ kind: "stored" }));

/** @param typed whether a batch begins with its type */
export function newlineFieldsMeasure(typed: boolean): BatchMeasure {
  return {
    overheadBytes: typed ? `${BATCH_TYPE}\n\n`.length : 1,
    betBytes: (bet) => Buffer.byteLength(betText(bet)),
  };
}

const TEXT_FIELDS = ["firstName", "lastName", "document", "birthdate"] as const;

/** Why a bet cannot be sent: every field is a line, nothing is escaped, an empty line ends the message. */
export function unfitForNewlineFields(bet: Bet): { field: FlawField; reason: string } | undefined {
  for (const field of TEXT_FIELDS) {
    const text = bet[field];
    if (text === "") {
      return { field, reason: "is empty, and in newline-fields an empty line ends the batch" };
    }
    if (text.includes("\n")) {
      return { field, reason: "has a line break, which newline-fields cannot carry" };
    }
    if (!text.isWellFormed()) return { field, reason: "is not valid Unicode" };
  }
  return undefined;
}
