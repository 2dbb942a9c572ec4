import { readFileSync } from "node:fs";
import { join } from "node:path";

export const WINNING_NUMBER = 7574;

export interface AgencyData {
  /** The agency's file. */
  readonly content: string;
  readonly bets: number;
  /** Documents, in the order of the file. */
  readonly winners: readonly string[];
}

/**
 * An agency's file like those of the exercise's graders: documents and numbers count up from zero.
 * The numbers leave out the winning one, which only the given bets have.
 */
export function gradersData(bets: number, winningBets: readonly number[] = []): AgencyData {
  const documents = Array.from({ length: bets }, (_, index) => String(index).padStart(8, "0"));
  const content = documents.map((document, index) => {
    const other = index < WINNING_NUMBER ? index : index + 1;
    const number = winningBets.includes(index) ? WINNING_NUMBER : other;
    return `Name,Surname,${document},2000-01-01,${number}\n`;
  });
  return {
    content: content.join(""),
    bets,
    winners: winningBets.flatMap((index) => documents[index] ?? []),
  };
}

/** The course's own file of an agency, counted here and not by the code under test. */
export function realAgencyData(dir: string, agency: number): AgencyData {
  const content = readFileSync(join(dir, `agency-${agency}.csv`), "utf8");
  const rows = content.split(/\r?\n/).filter((row) => row !== "");
  const winners = rows.flatMap((row) => {
    const [, , document = "", , number] = row.split(",");
    return Number(number) === WINNING_NUMBER ? [document] : [];
  });
  return { content, bets: rows.length, winners };
}
