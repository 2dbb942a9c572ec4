import { type FileHandle, open } from "node:fs/promises";
import { dirname } from "node:path";
import { pipeline } from "node:stream";
import { CsvError, parse } from "csv-parse";
import type { Bet } from "../../lottery/bet.ts";
import { betOfFields, FIELD_COUNT } from "../../lottery/bet-of-fields.ts";
import { encodeLines } from "../../lottery/canonical-line.ts";
import { LAST_DAY } from "../../lottery/calendar-day.ts";
import { checkBet } from "../../lottery/check-bet.ts";
import { type Flaw, FLAWS } from "../../lottery/flaw.ts";
import { nodeDisk } from "../disk/node-disk.ts";
import { BetFileError } from "./bet-file-error.ts";

export { hasWon } from "../../lottery/bet.ts";

/** Where the course's `store_bets` and `load_bets` keep the bets. */
const PATH_DEFAULT = "./bets.csv";
const LF = 0x0a;

/** What csv-parse yields with the option `info`. */
interface Row {
  readonly record: readonly string[];
  /** Number of lines of the file so far, with this row's. */
  readonly info: { readonly lines: number };
}

let turns: Promise<unknown> = Promise.resolve();

/**
 * The course's `store_bets`: appends bets to a CSV file, all or none, as Python's `csv.writer` would
 * write them. They are on stable storage when it resolves. Calls in one process run one after the other;
 * other processes must not write to the file meanwhile.
 *
 * @param path the file is made if it does not exist
 * @throws BetFileError BET_INVALID, FILE_TORN; the system's error when the file cannot be written
 */
export function storeBets(bets: Iterable<Bet>, path: string = PATH_DEFAULT): Promise<void> {
  const list = [...bets];
  const turn = turns.then(() => appendBets(list, path));
  turns = turn.catch(() => undefined);
  return turn;
}

/**
 * The course's `load_bets`: the bets of a CSV file in its order, read while they are consumed. The rows
 * may be written by {@link storeBets} or by the course's `store_bets`.
 *
 * It accepts fewer other files than the course's function, which does not check what it reads. Python accepts
 * these, and this function refuses them:
 * - a last row without its line end, and CR alone as a line end;
 * - more than six fields (Python drops the rest); a quote within a field, or text after a closing quote;
 * - numbers as Python's `int` reads them: with a sign, spaces, underscores, leading zeros or digits of other
 *   scripts, and of any size: a number past 9999, agency 0;
 * - birthdates in the other ISO forms (Python 3.11 and later): `20000101`, `2000-W01-1`;
 * - any text as a document; names that are empty, longer than 255 bytes, or have control characters.
 *
 * This function skips empty lines, and Python refuses them. Both refuse fewer than six fields, a byte order
 * mark, CR CR LF, and bytes that are not UTF-8; both accept birthdates in the future.
 *
 * @throws BetFileError ROW_INVALID, FILE_TORN; the system's error when the file cannot be read
 */
export async function* loadBets(path: string = PATH_DEFAULT): AsyncGenerator<Bet, void, void> {
  const file = await open(path);
  let lastLine = 0;
  try {
    await expectWhole(file, path);
    const rows = parse({
      // One character per byte: otherwise the parser replaces bytes that are not UTF-8.
      encoding: "latin1",
      info: true,
      // The parser, and so its errors, are ahead of the loop below: remember how far it has come.
      on_record: (record, { lines }) => {
        lastLine = lines;
        return record;
      },
      record_delimiter: ["\r\n", "\n"],
      relax_column_count: true,
      skip_empty_lines: true,
    });
    // The loop over the rows throws the errors of reading.
    pipeline(file.createReadStream({ autoClose: false }), rows, () => undefined);
    for await (const { record, info } of rows as AsyncIterable<Row>) {
      yield betOfRow(record, `${path}:${info.lines}`);
    }
  } catch (error) {
    if (!(error instanceof CsvError)) throw error;
    throw rowError(`${path}:${lastLine + 1}`, NOT_QUOTED, error);
  } finally {
    await file.close();
  }
}

async function appendBets(bets: readonly Bet[], path: string): Promise<void> {
  for (const [index, bet] of bets.entries()) {
    const flaw = checkBet(bet, LAST_DAY);
    if (flaw !== undefined) {
      const message = `Cannot store bets: ${flaw.field} of bet ${index} ${flaw.reason}`;
      throw new BetFileError("BET_INVALID", message);
    }
  }
  const file = await open(path, "a+");
  try {
    const bytesBefore = await expectWhole(file, path);
    try {
      await file.appendFile(encodeLines(bets));
    } catch (error) {
      // All or none: remove the part of the bets that was written.
      await file.truncate(bytesBefore).catch(() => undefined);
      throw error;
    }
    await file.datasync();
    // The file may be new: its name must be on stable storage too.
    await nodeDisk.syncDir(dirname(path));
  } finally {
    await file.close();
  }
}

/** @returns the size of the file in bytes @throws BetFileError FILE_TORN */
async function expectWhole(file: FileHandle, path: string): Promise<number> {
  const { size } = await file.stat();
  const last = Buffer.alloc(1);
  if (size > 0) await file.read(last, 0, 1, size - 1);
  if (size > 0 && last[0] !== LF) {
    const advice = "complete the row or remove it";
    throw new BetFileError("FILE_TORN", `The last row of ${path} has no line end: ${advice}`);
  }
  return size;
}

const NOT_QUOTED: Flaw = { field: "line", reason: "is not quoted as CSV asks" };

function betOfRow(fields: readonly string[], place: string): Bet {
  if (fields.length !== FIELD_COUNT) throw rowError(place, FLAWS.columns);
  const bet = betOfFields(fields);
  const flaw = checkBet(bet, LAST_DAY);
  if (flaw !== undefined) throw rowError(place, flaw);
  return bet;
}

function rowError(place: string, flaw: Flaw, cause?: unknown): BetFileError {
  const options = cause === undefined ? {} : { cause };
  return new BetFileError("ROW_INVALID", `${place}: ${flaw.field} ${flaw.reason}`, options);
}
