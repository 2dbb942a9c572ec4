import { agencyId, type Bet } from "./bet.ts";

/**
 * The canonical line: the course's CSV row, `agency,first,last,document,birthdate,number` CR LF,
 * quoted as Python's `csv.writer(quoting=csv.QUOTE_MINIMAL)` does.
 */
export function formatLine(bet: Bet): string {
  return `${bet.agency},${formatRow(bet)}`;
}

/** A row of an agency's own file: the canonical line without the agency. */
export function formatRow(bet: Omit<Bet, "agency">): string {
  return `${quoteField(bet.firstName)},${quoteField(bet.lastName)},${bet.document},${bet.birthdate},${bet.number}\r\n`;
}

/** The canonical lines of a batch, one after the other. */
export function encodeLines(bets: readonly Bet[]): Buffer {
  return Buffer.from(bets.map(formatLine).join(""));
}

/** A field as `csv.QUOTE_MINIMAL` writes it. */
export function quoteField(field: string): string {
  return /[",\r\n]/.test(field) ? `"${field.replaceAll('"', '""')}"` : field;
}

/**
 * Cuts canonical lines that were checked before back into bets.
 *
 * @throws RangeError when the text is not made of canonical lines
 */
export function parseLines(lines: Uint8Array): Bet[] {
  const text = Buffer.from(lines.buffer, lines.byteOffset, lines.byteLength).toString("utf8");
  const bets: Bet[] = [];
  let at = 0;
  while (at < text.length) {
    const end = text.indexOf("\r\n", at);
    if (end < 0) throw notALine(text.slice(at));
    bets.push(parseLine(text.slice(at, end)));
    at = end + 2;
  }
  return bets;
}

const LINE =
  /^([1-9]\d{0,9}),("(?:[^"]|"")*"|[^",]*),("(?:[^"]|"")*"|[^",]*),(\d{1,10}),(\d{4}-\d{2}-\d{2}),(\d{1,4})$/;

/** The bet of one canonical line, given without CR LF. @throws RangeError for any other text */
export function parseLine(line: string): Bet {
  const [, agency = "", first = "", last = "", document = "", birthdate = "", number = ""] =
    LINE.exec(line) ?? [];
  const id = agencyId(Number(agency));
  if (id === undefined) throw notALine(line);
  return {
    agency: id,
    firstName: unquoteField(first),
    lastName: unquoteField(last),
    document,
    birthdate,
    number: Number(number),
  };
}

function notALine(text: string): RangeError {
  return new RangeError(`Cannot read a canonical line: ${JSON.stringify(text.slice(0, 120))}`);
}

/** Undoes {@link quoteField}. */
export function unquoteField(field: string): string {
  return field.startsWith('"') ? field.slice(1, -1).replaceAll('""', '"') : field;
}
