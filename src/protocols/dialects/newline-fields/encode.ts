import type { Bet } from "../../../lottery/bet.ts";
import type { Winners } from "../../../store/bet-store.ts";
import { documentsText } from "../../kit/documents-text.ts";
import {
  BATCH_TYPE,
  CONFIRMATION_TYPE,
  NOTED_TEXT,
  QUESTION_TYPE,
  STORED_TEXT,
  UNREADABLE_TEXT,
} from "./layout.ts";
import type { AgencyMessage, CentralMessage } from "./messages.ts";

/** What an agency sends, as one piece of memory: it leaves in one write. */
export function encodeAgency(message: AgencyMessage): Buffer {
  return Buffer.from(agencyText(message));
}

/** The lines of a bet, each with its end. */
export function betText(bet: Bet): string {
  const { agency, firstName, lastName, document, birthdate, number } = bet;
  return `${agency}\n${firstName}\n${lastName}\n${document}\n${birthdate}\n${number}\n`;
}

/** What a central answers. The bytes are not to be changed: "stored" is the same every time. */
export function encodeCentral(message: CentralMessage): Buffer {
  return message.kind === "stored" ? STORED : Buffer.from(centralText(message));
}

/** The same bytes as those of a message with all documents, a piece at a time. */
export async function* encodeWinners(winners: Winners): AsyncGenerator<Uint8Array, void> {
  yield* documentsText(winners, BETWEEN);
  yield Buffer.from(WINNERS_END);
}

/** Between two documents. */
const BETWEEN = "\n";
/** The list's own end is an empty line; the course's central adds another LF to every answer. */
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
