import { isUtf8 } from "node:buffer";
import { CsvError } from "csv-parse";
import { NO } from "../lottery/scan-lines.ts";
import { scanRow } from "../lottery/scan-rows.ts";
import type { AgencyError } from "./agency-error.ts";
import { csvComplaint, cutRows, ENDLESS_ROW } from "./csv-rows.ts";
import { countLines, firstLineNotUtf8, LINE_BYTES_MAX } from "./data-file.ts";
import { rawComplaint } from "./raw-complaint.ts";
import {
  betOfRow,
  type Complaint,
  isEmptyLine,
  NOT_UTF8,
  rowComplaint,
  rowError,
  type RowRules,
  unfitComplaint,
} from "./row.ts";

const LF = 0x0a;
const QUOTE = 0x22;
const BYTE_ORDER_MARK = Buffer.from("\ufeff");
const NOTHING: Buffer = Buffer.alloc(0);

/**
 * Checks the rows of an agency's file as they are read. The scanner (scan-rows.ts) finds nearly all rows good
 * in place. The CSV parser gets the others, neighbouring rows together, because starting it takes longer than
 * parsing a row.
 */
export class RowChecker {
  readonly #path: string;
  readonly #rules: RowRules;
  readonly #onProblem: (problem: AgencyError) => void;
  #bets = 0;
  /** Number of lines before the current row. */
  #linesBefore = 0;
  #begun = false;
  /** The beginning of a row of several lines that is not read to its end yet. */
  #rest = NOTHING;
  /** Where the neighbouring one-line rows begin that the parser will get. */
  #left: number[] = [];
  #stopped = false;

  /** @param onProblem an error that it throws ends {@link take} or {@link end} */
  constructor(path: string, rules: RowRules, onProblem: (problem: AgencyError) => void) {
    this.#path = path;
    this.#rules = rules;
    this.#onProblem = (problem) => {
      this.#stopped = true;
      onProblem(problem);
      this.#stopped = false;
    };
  }

  /** Number of good bets so far. */
  get bets(): number {
    return this.#bets;
  }

  /** Whether `onProblem` has ended the check by throwing. */
  get stopped(): boolean {
    return this.#stopped;
  }

  /** @param lines whole lines; only the last one of the file may lack its line end */
  take(lines: Buffer): void {
    const marked = !this.#begun && lines.subarray(0, 3).equals(BYTE_ORDER_MARK);
    this.#begun = true;
    const more = marked ? lines.subarray(BYTE_ORDER_MARK.length) : lines;
    this.#check(this.#rest.length === 0 ? more : Buffer.concat([this.#rest, more]), false);
  }

  /** Call it after the last lines. */
  end(): void {
    this.#check(this.#rest, true);
  }

  #check(bytes: Buffer, last: boolean): void {
    const { today } = this.#rules;
    const sound = isUtf8(bytes);
    this.#rest = NOTHING;
    let at = 0;
    while (at < bytes.length) {
      const next = sound ? scanRow(bytes, at, today) : NO;
      if (next !== NO) {
        this.#judgeLeft(bytes, at);
        this.#linesBefore++;
        this.#good(bytes, at, next);
        at = next;
        continue;
      }
      const end = rowEnd(bytes, at);
      if (end > 0 && end === lineEnd(bytes, at)) {
        this.#left.push(at);
        at = end;
        continue;
      }
      this.#judgeLeft(bytes, at);
      const bytesLeft = bytes.length - at;
      if (end === 0 && !last && bytesLeft <= LINE_BYTES_MAX) {
        this.#rest = bytes.subarray(at);
        return;
      }
      at = this.#judgeLong(bytes, at, end);
    }
    this.#judgeLeft(bytes, at);
  }

  /** Counts a row that the scanner found good, if the dialect can carry it. Such a row has no quotes. */
  #good(bytes: Buffer, start: number, end: number): void {
    const { agency, unfit } = this.#rules;
    if (unfit === undefined) {
      this.#bets++;
      return;
    }
    const fields = bytes.toString("utf8", start, end).trimEnd().split(",");
    this.#settle(unfitComplaint(betOfRow(fields, agency), unfit), this.#linesBefore);
  }

  /** Gives the parser the rows that wait for it; the last of them ends at `end`. */
  #judgeLeft(bytes: Buffer, end: number): void {
    const starts = this.#left;
    if (starts.length === 0) return;
    this.#left = [];
    const whole = bytes.subarray(starts[0], end);
    const cut = isUtf8(whole) ? cutRows(whole) : undefined;
    for (const [index, start] of starts.entries()) {
      const row = bytes.subarray(start, starts[index + 1] ?? end);
      this.#linesBefore++;
      // When one of the rows cannot be cut, each one is cut on its own.
      this.#judge(row, Array.isArray(cut) ? cut[index] : undefined, this.#linesBefore);
    }
  }

  /**
   * Checks a row of several lines, or one without an end.
   *
   * @param knownEnd 0 when a quote is not closed before the bytes end, or the row is too long
   * @returns where to go on: after the row, or at its second line when it cannot be cut
   */
  #judgeLong(bytes: Buffer, start: number, knownEnd: number): number {
    const row = bytes.subarray(
      start,
      knownEnd > 0 ? knownEnd : lineEnd(bytes, start + LINE_BYTES_MAX),
    );
    const cut = isUtf8(row) ? cutRows(row) : undefined;
    if (Array.isArray(cut)) {
      this.#linesBefore += linesIn(row);
      this.#judge(row, cut[0], this.#linesBefore);
      return start + row.length;
    }
    const firstLine = bytes.subarray(start, lineEnd(bytes, start));
    const tooLong = cut?.code === "CSV_QUOTE_NOT_CLOSED" && row.length > LINE_BYTES_MAX;
    const complaint = cut === undefined ? NOT_UTF8 : tooLong ? ENDLESS_ROW : csvComplaint(cut);
    const line = cut === undefined ? firstLineNotUtf8(row) : 1;
    this.#settle(rawComplaint(firstLine) ?? complaint, this.#linesBefore + line);
    const behind = cut === undefined && knownEnd > 0 ? row : firstLine;
    this.#linesBefore += linesIn(behind);
    return start + behind.length;
  }

  /** @param fields the row's fields, if it was cut already */
  #judge(row: Buffer, fields: string[] | undefined, line: number): void {
    const cut = fields ?? this.#cut(row);
    if (Array.isArray(cut) && isEmptyLine(cut)) return;
    const complaint = Array.isArray(cut) ? rowComplaint(cut, this.#rules) : cut;
    // A mistake in the bytes explains the mistakes in the fields.
    this.#settle(complaint && (rawComplaint(row) ?? complaint), line);
  }

  #cut(row: Buffer): string[] | Complaint {
    if (!isUtf8(row)) return NOT_UTF8;
    const cut = cutRows(row);
    return cut instanceof CsvError ? csvComplaint(cut) : (cut[0] ?? [""]);
  }

  #settle(complaint: Complaint | undefined, line: number): void {
    if (complaint === undefined) this.#bets++;
    else this.#onProblem(rowError(this.#path, line, complaint));
  }
}

/** Number of lines; the last one may lack its line end. */
function linesIn(bytes: Buffer): number {
  return countLines(bytes) + (bytes.at(-1) === LF ? 0 : 1);
}

/** @returns where the line with `at` in it ends, or where the bytes end */
function lineEnd(bytes: Buffer, at: number): number {
  const lf = bytes.indexOf(LF, at);
  return lf < 0 ? bytes.length : lf + 1;
}

/** @returns where the row ends: after the first LF outside of quotes; 0 when there is none near enough */
function rowEnd(bytes: Buffer, start: number): number {
  let quoted = false;
  for (let at = start; at < bytes.length; at++) {
    const byte = bytes[at];
    if (byte === QUOTE) quoted = !quoted;
    else if (byte === LF && !quoted) return at + 1;
    else if (quoted && at - start > LINE_BYTES_MAX) return 0;
  }
  return 0;
}
