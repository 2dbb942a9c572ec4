import type { AgencyId, Bet } from "../../../lottery/bet.ts";
import { parseLines } from "../../../lottery/canonical-line.ts";
import type { FlawField } from "../../../lottery/flaw.ts";
import type { Winners } from "../../../store/bet-store.ts";
import { CENTRAL_TYPES, type CentralMessage, CLIENT_TYPES } from "./wire.ts";

/** The versions, named after their exercises. */
export type Version = "ej6" | "ej7" | "ej8";

/** A batch. The dialect must be able to carry the bets: see {@link unfitForColonLines}. */
export function encodeBatch(agency: AgencyId, bets: readonly Bet[], version: Version): Buffer {
  const type = version === "ej6" ? "" : `${CLIENT_TYPES.batch}:`;
  return Buffer.from(`${agency}:${type}${bets.map(betLine).join("")}\r\n`);
}

/** One bet, as exercise 5 sends it. */
export function encodeSingle(agency: AgencyId, bet: Bet): Buffer {
  return Buffer.from(`${agency}:${betLine(bet)}`);
}

export function encodeDone(agency: AgencyId): Buffer {
  return Buffer.from(`${agency}:${CLIENT_TYPES.done}\r\n`);
}

export function encodeQuestion(agency: AgencyId): Buffer {
  return Buffer.from(`${agency}:${CLIENT_TYPES.question}\r\n`);
}

/** Do not change the bytes: a short answer is the same buffer every time. */
export function encodeCentral(message: CentralMessage): Buffer {
  switch (message.kind) {
    case "taken":
      return message.untyped === true ? TAKEN_UNTYPED : TAKEN;
    case "refused":
      return message.untyped === true ? REFUSED_UNTYPED : REFUSED;
    case "not-yet":
      return NOT_YET;
    case "winners":
      return Buffer.from(WINNERS_START + winnerLines(message.winners) + WINNERS_END);
    default:
      return message satisfies never;
  }
}

/** The bytes of a message with all winners, in pieces. */
export async function* encodeWinners(winners: Winners): AsyncGenerator<Uint8Array, void> {
  yield Buffer.from(WINNERS_START);
  for await (const lines of winners.blocks()) yield Buffer.from(winnerLines(parseLines(lines)));
  yield Buffer.from(WINNERS_END);
}

const WINNERS_START = `server:${CENTRAL_TYPES.winners}:`;
const WINNERS_END = "\r\n";

function winnerLines(winners: readonly Bet[]): string {
  return winners.map((bet) => `${bet.agency},${betLine(bet)}`).join("");
}

function short(type: string, end = "\r\n"): Buffer {
  return Buffer.from(`server:${type}${end}`);
}

const TAKEN = short(CENTRAL_TYPES.taken);
const TAKEN_UNTYPED = short(CENTRAL_TYPES.taken, "\n");
const REFUSED = short(CENTRAL_TYPES.refused);
const REFUSED_UNTYPED = short(CENTRAL_TYPES.refused, "\n");
const NOT_YET = short(CENTRAL_TYPES.notYet);

function betLine({ firstName, lastName, document, birthdate, number }: Bet): string {
  return `${firstName},${lastName},${document},${birthdate},${number}\n`;
}

/**
 * Why a bet cannot be sent: nothing is escaped, so a field with one of the dialect's own marks would arrive
 * as something else.
 */
export function unfitForColonLines(
  bet: Bet,
): { readonly field: FlawField; readonly reason: string } | undefined {
  for (const field of FIELDS) {
    const text = bet[field];
    const mark = MARK.exec(text)?.[0];
    if (mark !== undefined) return { field, reason: `has ${NAMES[mark]}, which is not escaped` };
    if (!text.isWellFormed()) return { field, reason: "is not valid Unicode" };
  }
  return undefined;
}

const FIELDS = ["firstName", "lastName", "document", "birthdate"] as const;
const MARK = /[,:\r\n]/;
const NAMES: Readonly<Record<string, string>> = {
  ",": "a comma",
  ":": "a colon",
  "\r": "a carriage return",
  "\n": "a line break",
};
