import { isUtf8 } from "node:buffer";

// The checker's own reader of canonical lines, from the course's exercise and design alone:
// agency,first,last,document,birthdate,number CR LF, quoted as Python's csv.QUOTE_MINIMAL does.

/** The lines of a run of canonical lines without their ends, one character per byte. */
export function splitLines(bytes: Uint8Array): string[] {
  const lines = latin1(bytes).split("\r\n");
  // Bytes after the last line end are a line, if there are any.
  if (lines.at(-1) === "") lines.pop();
  return lines;
}

/** One character per byte: bytes that can be compared, counted and searched as text. */
export function latin1(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("latin1");
}

/** A line for a message to people, in quotes. */
export function readable(line: string): string {
  return JSON.stringify(Buffer.from(line, "latin1").toString("utf8"));
}

/** What is wrong with the lines of a batch, of which there must be `count`; undefined if nothing is. */
export function linesFlaw(bytes: Uint8Array, agency: number, count: number): string | undefined {
  const lines = splitLines(bytes);
  if (lines.length !== count) return `${lines.length} lines, where ${count} are said to be`;
  if (count === 0) return "no bets";
  if (bytes.at(-1) !== 0x0a) return "its last line has no end";
  for (const [index, line] of lines.entries()) {
    const flaw = lineFlaw(line, agency);
    if (flaw !== undefined) return `line ${index + 1}, ${readable(line)}: ${flaw}`;
  }
  return undefined;
}

/** Cuts a line into its fields as a reader of CSV does; undefined if a quote has no partner. */
export function fieldsOf(line: string): string[] | undefined {
  const fields: string[] = [];
  let rest = line;
  for (;;) {
    let field = "";
    if (rest.startsWith('"')) {
      rest = rest.slice(1);
      for (;;) {
        const quote = rest.indexOf('"');
        if (quote < 0) return undefined;
        field += rest.slice(0, quote);
        rest = rest.slice(quote + 1);
        if (!rest.startsWith('"')) break;
        field += '"';
        rest = rest.slice(1);
      }
      if (rest !== "" && !rest.startsWith(",")) return undefined;
    } else {
      const comma = rest.indexOf(",");
      field = comma < 0 ? rest : rest.slice(0, comma);
      rest = comma < 0 ? "" : rest.slice(comma);
    }
    fields.push(field);
    if (rest === "") return fields;
    rest = rest.slice(1);
  }
}

/** The line as `csv.writer` writes these fields. */
function lineOf(fields: readonly string[]): string {
  return fields
    .map((field) => (/[",\r\n]/.test(field) ? `"${field.split('"').join('""')}"` : field))
    .join(",");
}

function lineFlaw(line: string, agency: number): string | undefined {
  const fields = fieldsOf(line);
  if (fields?.length !== 6) return "not six fields";
  if (lineOf(fields) !== line) return "quoted otherwise than csv.QUOTE_MINIMAL does";
  const [of = "", first = "", last = "", document = "", birthdate = "", number = ""] = fields;
  if (of !== String(agency)) return `the agency is not ${agency}`;
  if (first === "") return "no first name";
  for (const name of [first, last]) {
    const bytes = Buffer.from(name, "latin1");
    if (!isUtf8(bytes)) return "a name that is no UTF-8";
    if (/\p{Cc}/u.test(bytes.toString("utf8"))) return "a control character in a name";
    if (bytes.length > 255) return "a name of more than 255 bytes";
  }
  if (!/^[0-9]{1,10}$/.test(document) || Number(document) >= 2 ** 32) return "the document";
  if (!isDate(birthdate)) return "the birthdate";
  return /^(0|[1-9][0-9]{0,3})$/.test(number) ? undefined : "the number";
}

function isDate(text: string): boolean {
  if (!/^[0-9]{4}-[0-9]{2}-[0-9]{2}$/.test(text) || text.startsWith("0000")) return false;
  const date = new Date(`${text}T00:00:00Z`);
  // A day that does not exist gives no date, or a date in the next month.
  return !Number.isNaN(date.getTime()) && date.toISOString().startsWith(text);
}

/** The bet's number, as it is written. */
export function numberOf(line: string): string {
  return fieldsOf(line)?.at(5) ?? "";
}

export function documentOf(line: string): string {
  return fieldsOf(line)?.at(3) ?? "";
}
