import { CsvError, parse, type Parser } from "csv-parse";
import type { AgencyId, Bet } from "../lottery/bet.ts";
import type { CalendarDay } from "../lottery/calendar-day.ts";
import { checkBet } from "../lottery/check-bet.ts";
import type { Flaw } from "../lottery/flaw.ts";
import { AgencyError } from "./agency-error.ts";
import { type DataFile, LINE_BYTES_MAX } from "./data-file.ts";

/** One row of the agency's file. */
export interface BetRow {
  readonly bet: Bet;
  /** Line of the file, from 1; the last one of a row that spans several. */
  readonly fileLine: number;
  /** Whether the row is no valid bet and goes out all the same, for the central to refuse. */
  readonly flawed: boolean;
}

export interface ReadOptions {
  readonly agency: AgencyId;
  /** What becomes of a row that can be cut into fields but is no valid bet. */
  readonly badRow: "stop" | "send";
  /** No birthdate may be later. */
  readonly today: CalendarDay;
  /** What the dialect cannot carry. */
  readonly unfit: (bet: Bet) => Flaw | undefined;
}

const COLUMNS = "first,last,document,birthdate,number";
const COLUMN_COUNT = 5;

/**
 * Reads an agency's CSV file: `first,last,document,birthdate,number`, no header, fields quoted as
 * Python's `csv` writes them. A byte order mark, CR LF and empty lines are tolerated. A quote in a
 * field that is not quoted is refused, because readers of CSV do not agree on what it means.
 *
 * @returns rows in the order of the file, as many at a time as one read of the file completes
 * @throws AgencyError ROW_INVALID, one line `FILE:LINE: field reason; what to do`; DATA_UNREADABLE
 */
export async function* readBets(
  file: DataFile,
  options: ReadOptions,
): AsyncGenerator<readonly BetRow[]> {
  let records: string[][] = [];
  let fileLine = 0;
  const parser = parse({
    bom: true,
    record_delimiter: ["\r\n", "\n"],
    relax_column_count: true,
    max_record_size: LINE_BYTES_MAX,
  });
  parser.on("data", (fields: string[]) => records.push(fields));
  // Its errors arrive through the callbacks of write and end.
  parser.on("error", () => undefined);
  const take = (): BetRow[] => {
    const rows: BetRow[] = [];
    for (const fields of records) {
      // Counted here: asking the parser for the line takes as long as its parsing does.
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
    // Rows before the one that cannot be read come first, with what may be wrong with them.
    yield take();
    throw csvFlaw(file.path, error, fileLine + 1);
  } finally {
    parser.destroy();
  }
}

/** Lines that a record takes: more than one when a quoted field has line ends inside. */
function linesOf(fields: readonly string[]): number {
  let lines = 1;
  for (const field of fields) {
    for (let at = field.indexOf("\n"); at >= 0; at = field.indexOf("\n", at + 1)) lines++;
  }
  return lines;
}

function isEmptyLine(fields: readonly string[]): boolean {
  return fields.length === 1 && fields[0] === "";
}

function toRow(
  path: string,
  fields: readonly string[],
  fileLine: number,
  options: ReadOptions,
): BetRow {
  const [firstName = "", lastName = "", document = "", birthdate = "", number = ""] = fields;
  if (fields.length !== COLUMN_COUNT) {
    const reason = `has ${fields.length} field${fields.length === 1 ? "" : "s"}`;
    throw rowError(path, fileLine, { field: "line", reason }, `a row is ${COLUMNS}`);
  }
  const bet: Bet = {
    agency: options.agency,
    firstName,
    lastName,
    document,
    birthdate,
    // 0007 is 7; what is no number is carried as such, never as some other number.
    number: /^\d+$/.test(number) ? Number(number) : Number.NaN,
  };
  const flaw = checkBet(bet, options.today);
  if (flaw !== undefined && options.badRow === "stop") {
    throw rowError(path, fileLine, flaw, "correct the row and run again");
  }
  const unfit = options.unfit(bet);
  if (unfit !== undefined) {
    throw rowError(path, fileLine, unfit, "choose a dialect that can carry it");
  }
  return { bet, fileLine, flawed: flaw !== undefined };
}

/** The one line that tells what is wrong with a row. */
export function rowError(path: string, fileLine: number, flaw: Flaw, advice: string): AgencyError {
  return new AgencyError(
    "ROW_INVALID",
    `${path}:${fileLine}: ${flaw.field} ${flaw.reason}; ${advice}`,
  );
}

/** @param fileLine where the record begins that the parser gave up on */
function csvFlaw(path: string, error: CsvError, fileLine: number): AgencyError {
  const at = (reason: string, advice: string): AgencyError =>
    rowError(path, fileLine, { field: "line", reason }, advice);
  switch (error.code) {
    case "CSV_QUOTE_NOT_CLOSED":
      return at("opens a quote that is never closed", "close it");
    case "CSV_MAX_RECORD_SIZE":
      return at(`begins a row longer than ${LINE_BYTES_MAX} bytes`, "close its quote");
    default:
      return at(
        "is not quoted as CSV asks",
        "put the field in quotes and double the quotes inside it",
      );
  }
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
