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
 * Checks the rows of an agency's file as they are read. Nearly every row is known for good where it lies
 * (scan-rows.ts); the others are given to the CSV parser, many at a time where they stand together, for
 * it takes longer to begin than to parse a row.
 */
export class RowChecker {
  readonly #path: string;
  readonly #rules: RowRules;
  readonly #onProblem: (problem: AgencyError) => void;
  #bets = 0;
  /** Lines before the row that is looked at. */
  #linesBefore = 0;
  #begun = false;
  /** The beginning of a row that spans lines, the rest of which is not read yet. */
  #rest = NOTHING;
  /** Rows of one line each that stand together and are left to the parser: where they begin. */
  #left: number[] = [];
  #stopped = false;

  /** @param onProblem what it throws, {@link take} and {@link end} throw */
  constructor(path: string, rules: RowRules, onProblem: (problem: AgencyError) => void) {
    this.#path = path;
    this.#rules = rules;
    this.#onProblem = (problem) => {
      this.#stopped = true;
      onProblem(problem);
      this.#stopped = false;
    };
  }

  /** Good bets so far. */
  get bets(): number {
    return this.#bets;
  }

  /** Whether a problem was told and nothing more is wanted. */
  get stopped(): boolean {
    return this.#stopped;
  }

  /** @param lines whole ones, but the last of the file need have no end */
  take(lines: Buffer): void {
    const marked = !this.#begun && lines.subarray(0, 3).equals(BYTE_ORDER_MARK);
    this.#begun = true;
    const more = marked ? lines.subarray(BYTE_ORDER_MARK.length) : lines;
    this.#check(this.#rest.length === 0 ? more : Buffer.concat([this.#rest, more]), false);
  }

  /** There is no more to come. */
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

  /** A row that the scanner knows for good: it has no quotes. */
  #good(bytes: Buffer, start: number, end: number): void {
    const { agency, unfit } = this.#rules;
    if (unfit === undefined) {
      this.#bets++;
      return;
    }
    const fields = bytes.toString("utf8", start, end).trimEnd().split(",");
    this.#settle(unfitComplaint(betOfRow(fields, agency), unfit), this.#linesBefore);
  }

  /** The rows that were left to the parser, the last of which ends at `end`. */
  #judgeLeft(bytes: Buffer, end: number): void {
    const starts = this.#left;
    if (starts.length === 0) return;
    this.#left = [];
    const whole = bytes.subarray(starts[0], end);
    const cut = isUtf8(whole) ? cutRows(whole) : undefined;
    for (const [index, start] of starts.entries()) {
      const row = bytes.subarray(start, starts[index + 1] ?? end);
      this.#linesBefore++;
      // When one of them cannot be cut, each is tried by itself.
      this.#judge(row, Array.isArray(cut) ? cut[index] : undefined, this.#linesBefore);
    }
  }

  /**
   * A row of several lines, or one that has no end.
   *
   * @param knownEnd 0 when its quotes are open where the bytes end, or for too long
   * @returns where to go on: behind the row, or at its second line when it cannot be cut
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

  /** @param fields what the row was cut into, if it was */
  #judge(row: Buffer, fields: string[] | undefined, line: number): void {
    const cut = fields ?? this.#cut(row);
    if (Array.isArray(cut) && isEmptyLine(cut)) return;
    const complaint = Array.isArray(cut) ? rowComplaint(cut, this.#rules) : cut;
    // What is wrong with the bytes explains what is wrong with the fields.
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

/** The last one need have no end. */
function linesIn(bytes: Buffer): number {
  return countLines(bytes) + (bytes.at(-1) === LF ? 0 : 1);
}

/** @returns where the line ends that `at` is in, or the bytes do */
function lineEnd(bytes: Buffer, at: number): number {
  const lf = bytes.indexOf(LF, at);
  return lf < 0 ? bytes.length : lf + 1;
}

/** @returns where the row ends, at the first LF outside of quotes; 0 when none is to be found */
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
