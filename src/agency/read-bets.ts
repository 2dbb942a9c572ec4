import { CsvError, parse, type Parser } from "csv-parse";
import type { Bet } from "../lottery/bet.ts";
import { checkBet } from "../lottery/check-bet.ts";
import { CSV_OPTIONS, csvComplaint } from "./csv-rows.ts";
import type { DataFile } from "./data-file.ts";
import {
  betComplaint,
  betOfRow,
  columnsComplaint,
  isEmptyLine,
  rowError,
  type RowRules,
  unfitComplaint,
} from "./row.ts";

/** One row of the agency's file. */
export interface BetRow {
  readonly bet: Bet;
  /** Line of the file, from 1; the last line of a row that has several. */
  readonly fileLine: number;
  /** Whether the row is not a valid bet but is sent anyway, so that the central refuses it. */
  readonly flawed: boolean;
}

export interface ReadOptions extends RowRules {
  /** What to do with a row that can be cut into fields but is not a valid bet. */
  readonly badRow: "stop" | "send";
}

/**
 * Reads an agency's CSV file: `first,last,document,birthdate,number`, no header, fields quoted as
 * Python's `csv` writes them. A byte order mark, CR LF and empty lines are tolerated. A quote in a
 * field that is not quoted is refused, because readers of CSV do not agree on what it means.
 *
 * @returns rows in the order of the file, in the groups that one read of the file completes
 * @throws AgencyError ROW_INVALID, one line `FILE:LINE: field reason; what to do`; DATA_UNREADABLE
 */
export async function* readBets(
  file: DataFile,
  options: ReadOptions,
): AsyncGenerator<readonly BetRow[]> {
  let records: string[][] = [];
  let fileLine = 0;
  const parser = parse({ bom: true, ...CSV_OPTIONS });
  parser.on("data", (fields: string[]) => records.push(fields));
  // The parser's errors arrive through the callbacks of write and end.
  parser.on("error", () => undefined);
  const take = (): BetRow[] => {
    const rows: BetRow[] = [];
    for (const fields of records) {
      // Count lines here: asking the parser for the line takes as long as parsing.
      fileLine += linesOf(fields);
      if (!isEmptyLine(fields)) rows.push(toRow(file.path, fields, fileLine, options));
    }
    records = [];
    return rows;
  };
  try {
    for await (const block of file.blocks()) {
      await write(parser, block);
      yield take();
    }
    await end(parser);
    yield take();
  } catch (error) {
    if (!(error instanceof CsvError)) throw error;
    // The rows before the unreadable one come first: one of them may be bad too.
    yield take();
    // Report the line where the unreadable row begins.
    throw rowError(file.path, fileLine + 1, csvComplaint(error));
  } finally {
    parser.destroy();
  }
}

/** Number of lines of a record: more than one when a quoted field has line ends. */
function linesOf(fields: readonly string[]): number {
  let lines = 1;
  for (const field of fields) {
    for (let at = field.indexOf("\n"); at >= 0; at = field.indexOf("\n", at + 1)) lines++;
  }
  return lines;
}

function toRow(
  path: string,
  fields: readonly string[],
  fileLine: number,
  { agency, badRow, today, unfit }: ReadOptions,
): BetRow {
  const columns = columnsComplaint(fields);
  if (columns !== undefined) throw rowError(path, fileLine, columns);
  const bet = betOfRow(fields, agency);
  const stopped = badRow === "stop" ? betComplaint(fields, bet, today) : undefined;
  const complaint = stopped ?? unfitComplaint(bet, unfit);
  if (complaint !== undefined) throw rowError(path, fileLine, complaint);
  return { bet, fileLine, flawed: badRow === "send" && checkBet(bet, today) !== undefined };
}

function write(parser: Parser, block: Buffer): Promise<void> {
  return new Promise((resolve, reject) => {
    parser.write(block, (error) => (error ? reject(error) : resolve()));
  });
}

function end(parser: Parser): Promise<void> {
  return new Promise((resolve, reject) => {
    parser.once("error", reject).once("end", resolve).end();
  });
}
