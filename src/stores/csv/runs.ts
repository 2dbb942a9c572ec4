/** Rows of one agency that follow each other. */
export interface Run {
  /** The number that the rows begin with; 0 when they begin with no number. */
  readonly agency: number;
  readonly count: number;
  /** The rows: a view of the bytes given. */
  readonly lines: Buffer;
}

const LF = 0x0a;
const ZERO = 0x30;
const NINE = 0x39;

/** Cuts whole rows into runs of one agency. */
export function* runsIn(rows: Buffer): Generator<Run> {
  let agency = 0;
  let count = 0;
  let start = 0;
  for (let at = 0; at < rows.length; ) {
    const rowAgency = leadingNumber(rows, at);
    if (count > 0 && rowAgency !== agency) {
      yield { agency, count, lines: rows.subarray(start, at) };
      start = at;
      count = 0;
    }
    agency = rowAgency;
    count++;
    const lf = rows.indexOf(LF, at);
    at = lf < 0 ? rows.length : lf + 1;
  }
  if (count > 0) yield { agency, count, lines: rows.subarray(start) };
}

/** The digits at `at`, as a number. The scanner checks the field later. */
function leadingNumber(rows: Buffer, at: number): number {
  let value = 0;
  for (let digit = rows[at] ?? 0; digit >= ZERO && digit <= NINE; digit = rows[++at] ?? 0) {
    value = value * 10 + (digit - ZERO);
  }
  return value;
}
