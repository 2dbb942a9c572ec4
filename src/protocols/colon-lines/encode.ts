import type { AgencyId, Bet } from "../../lottery/bet.ts";
import { CENTRAL_TYPES, CLIENT_TYPES } from "./layout.ts";
import type { CentralMessage } from "./messages.ts";

/** The versions, by the exercise that they are of. */
export type Version = "ej6" | "ej7" | "ej8";

/** A batch. The bets must be fit for the dialect: see {@link ./unfit.ts}. */
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

export function encodeCentral(message: CentralMessage): Buffer {
  switch (message.kind) {
    case "taken":
      return short(CENTRAL_TYPES.taken, message.untyped);
    case "refused":
      return short(CENTRAL_TYPES.refused, message.untyped);
    case "not-yet":
      return short(CENTRAL_TYPES.notYet);
    case "winners": {
      const lines = message.winners.map((bet) => `${bet.agency},${betLine(bet)}`);
      return Buffer.from(`server:${CENTRAL_TYPES.winners}:${lines.join("")}\r\n`);
    }
    default:
      return message satisfies never;
  }
}

function short(type: string, untyped = false): Buffer {
  return Buffer.from(`server:${type}${untyped ? "\n" : "\r\n"}`);
}

function betLine({ firstName, lastName, document, birthdate, number }: Bet): string {
  return `${firstName},${lastName},${document},${birthdate},${number}\n`;
}
