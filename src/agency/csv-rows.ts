import { CsvError, type Options } from "csv-parse";
import { parse } from "csv-parse/sync";
import { LINE_BYTES_MAX } from "./data-file.ts";
import type { Complaint } from "./row.ts";

/** How an agency's file is read: fields quoted as Python's `csv` does, lines that end in LF or CR LF. */
export const CSV_OPTIONS = {
  record_delimiter: ["\r\n", "\n"],
  relax_column_count: true,
  max_record_size: LINE_BYTES_MAX,
} as const satisfies Options;

/** Cuts whole rows into fields. @returns the error instead, if a row cannot be cut */
export function cutRows(rows: Buffer): string[][] | CsvError {
  try {
    return parse(rows, CSV_OPTIONS);
  } catch (error) {
    if (error instanceof CsvError) return error;
    throw error;
  }
}

/** What is wrong with the row for which the parser gave this error. */
export function csvComplaint({ code }: CsvError): Complaint {
  switch (code) {
    case "CSV_QUOTE_NOT_CLOSED":
      return complaint("opens a quote that is never closed", "close it");
    case "CSV_MAX_RECORD_SIZE":
      return ENDLESS_ROW;
    default:
      return complaint(
        "is not quoted as CSV asks",
        "put the field in quotes and double the quotes inside it",
      );
  }
}

function complaint(reason: string, advice: string): Complaint {
  return { flaw: { field: "line", reason }, advice };
}

export const ENDLESS_ROW: Complaint = complaint(
  `begins a row longer than ${LINE_BYTES_MAX} bytes`,
  "close its quote",
);
