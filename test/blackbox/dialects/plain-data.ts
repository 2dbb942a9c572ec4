import { type AgencyData, WINNING_NUMBER } from "../agency-data.ts";

const NAMES = ["Ana", "Ñandú", "José María", "O'Higgins", "Zoë"] as const;

/** A file of bets that every dialect can carry; the winning ones are spread over it. */
export function plainData(bets: number, winningBets: number): AgencyData {
  const winners: string[] = [];
  const rows = Array.from({ length: bets }, (_, index) => {
    const wins =
      Math.floor((index * winningBets) / bets) < Math.floor(((index + 1) * winningBets) / bets);
    const document = String(20_000_000 + index);
    if (wins) winners.push(document);
    const name = NAMES[index % NAMES.length];
    const number = wins ? WINNING_NUMBER : index % WINNING_NUMBER;
    return `${name},de la Peña,${document},1999-12-31,${number}\r\n`;
  });
  return { content: rows.join(""), bets, winners };
}
