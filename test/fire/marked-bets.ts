import { type AgencyData, WINNING_NUMBER } from "../blackbox/agency-data.ts";

/** An agency's bets, with text in them that no other agency has. */
export interface MarkedBets extends AgencyData {
  readonly agency: number;
  /** Canonical lines, one for each bet. */
  readonly lines: readonly string[];
  readonly markers: readonly string[];
}

const NAMES = ["Ana", "Ñandú", "José María", "O'Higgins", "Zoë"] as const;

/**
 * Bets that every dialect can carry; the winning ones are spread over the file.
 *
 * @param agency at most 99: its number is in every document and every last name
 */
export function markedBets(agency: number, bets: number, winningBets: number): MarkedBets {
  const mark = `Marca${String(agency).padStart(2, "0")}`;
  const winners: string[] = [];
  const rows = Array.from({ length: bets }, (_, index) => {
    const wins =
      Math.floor((index * winningBets) / bets) < Math.floor(((index + 1) * winningBets) / bets);
    const document = String((10 + agency) * 1_000_000 + index);
    if (wins) winners.push(document);
    const number = wins ? WINNING_NUMBER : index % WINNING_NUMBER;
    return `${NAMES[index % NAMES.length]},${mark},${document},1999-12-31,${number}\r\n`;
  });
  return {
    agency,
    content: rows.join(""),
    bets,
    winners,
    lines: rows.map((row) => `${agency},${row}`),
    markers: [mark, ...winners],
  };
}

/** One batch after the other, of so many bets each. */
export function cutLines(lines: readonly string[], batchBets: number): RawBatch[] {
  const batches: RawBatch[] = [];
  for (let at = 0; at < lines.length; at += batchBets) {
    const part = lines.slice(at, at + batchBets);
    batches.push({ count: part.length, lines: Buffer.from(part.join("")) });
  }
  return batches;
}

export interface RawBatch {
  readonly count: number;
  /** Canonical lines. */
  readonly lines: Buffer;
}
