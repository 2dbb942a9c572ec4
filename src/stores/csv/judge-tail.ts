import { agencyId } from "../../lottery/bet.ts";
import { LAST_DAY } from "../../lottery/calendar-day.ts";
import { scanLines } from "../../lottery/scan-lines.ts";
import { isRowBeginning } from "./row-beginning.ts";
import { runsIn } from "./runs.ts";

const LF = 0x0a;
const CR = 0x0d;
/** A disk writes so many bytes whole or not at all. */
const SECTOR_BYTES = 512;

/**
 * Judges the bytes after the whole rows of `bets.csv`: a crash may have left them of the last flush, or they
 * were never ours. A killed process leaves the beginning of a row. A power cut also leaves sectors of zeros
 * between pieces of what was written.
 *
 * @param tail from the end of the last whole row to the end of the file
 * @param at offset of the tail in the file
 * @returns why a crash cannot have left the tail; undefined when it can
 */
export function judgeTail(tail: Buffer, at: number, agencies: number): string | undefined {
  for (const piece of pieces(tail)) {
    const reason = piece.zeros
      ? judgeZeros(piece, tail, at)
      : judgeText(tail.subarray(piece.from, piece.to), piece.from === 0, agencies);
    if (reason !== undefined) return isUtf16(tail) ? UTF_16 : reason;
  }
  return undefined;
}

const UTF_16 = "it looks like UTF-16; save the file as UTF-8";

/** A byte order mark, or every other byte zero. */
function isUtf16([first, second, third, fourth]: Buffer): boolean {
  const marked = (first === 0xff && second === 0xfe) || (first === 0xfe && second === 0xff);
  const littleEndian = first !== 0 && second === 0 && third !== 0 && fourth === 0;
  const bigEndian = first === 0 && second !== 0 && third === 0 && fourth !== 0;
  return marked || littleEndian || bigEndian;
}

interface Piece {
  readonly zeros: boolean;
  readonly from: number;
  readonly to: number;
}

/** Cuts bytes into runs of zeros and runs without zeros. */
function* pieces(bytes: Buffer): Generator<Piece> {
  for (let from = 0; from < bytes.length; ) {
    const zeros = bytes[from] === 0;
    let to = from;
    while (to < bytes.length && (bytes[to] === 0) === zeros) to++;
    yield { zeros, from, to };
    from = to;
  }
}

function judgeZeros({ from, to }: Piece, tail: Buffer, at: number): string | undefined {
  const begins = from === 0 || (at + from) % SECTOR_BYTES === 0;
  const ends = to === tail.length || (at + to) % SECTOR_BYTES === 0;
  return begins && ends ? undefined : "it has a zero byte that no power cut left";
}

function judgeText(text: Buffer, isFirst: boolean, agencies: number): string | undefined {
  if (hasLoneCr(text)) {
    return "its lines end in CR alone, as on old Macs; end them with CR LF";
  }
  // After zeros the text may begin anywhere in a row, and may end before the next row.
  const start = isFirst ? 0 : text.indexOf(LF) + 1;
  if (!isFirst && start === 0) return undefined;
  const lastStart = text.lastIndexOf(LF) + 1;
  const last = text.subarray(lastStart);
  const sound =
    areRows(text.subarray(start, lastStart), agencies) &&
    (last.length === 0 || isRowBeginning(last, agencies));
  return sound ? undefined : "it is neither a row nor the beginning of one";
}

function areRows(rows: Buffer, agencies: number): boolean {
  for (const { agency, count, lines } of runsIn(rows)) {
    const id = agencyId(agency);
    if (id === undefined || id > agencies) return false;
    if (scanLines(lines, id, count, LAST_DAY) !== undefined) return false;
  }
  return true;
}

/** A CR without LF. At the very end it is allowed: its LF may be what the crash cut off. */
function hasLoneCr(text: Buffer): boolean {
  for (let at = text.indexOf(CR); at >= 0; at = text.indexOf(CR, at + 1)) {
    if (at + 1 < text.length && text[at + 1] !== LF) return true;
  }
  return false;
}
