import type { Bet } from "../../../../src/lottery/bet.ts";
import { fixed70Dialect } from "../../../../src/protocols/dialects/fixed70/dialect.ts";
import { recordedBets } from "../../recorded-bets.ts";
import { type Piece, type RecordedConnection, turnsOf } from "../../transcript.ts";

/** What a side said, turn by turn, without the connection's end. */
export function turnsBy(connection: RecordedConnection, side: Piece["dir"]): Buffer[] {
  return turnsOf(connection)
    .filter(({ dir, bytes }) => dir === side && bytes.length > 0)
    .map(({ bytes }) => bytes);
}

export function hex(turns: readonly Buffer[]): string[] {
  return turns.map((bytes) => bytes.toString("hex"));
}

/**
 * The bets of an agency as the recorded client put them into records: long names cut after 24 bytes,
 * leading zeros of documents gone.
 */
export function sentBets(folder: string, agency: number): Bet[] {
  return recordedBets(folder, agency).map((bet) => ({
    ...bet,
    firstName: Buffer.from(bet.firstName).toString("utf8", 0, 24),
    document: `${Number(bet.document)}`,
  }));
}

/** Whether our agency would send this as it is. */
export function isFit(bet: Bet): boolean {
  return fixed70Dialect.dialer?.unfit?.(bet) === undefined;
}
