/**
 * What an agency keeps of a batch that the central has confirmed, to find out later whether the central still
 * holds it. Nobody signs a receipt: it convinces those who trust the agency's file.
 */
export interface Receipt {
  readonly draw: string;
  readonly agency: number;
  /** From 1. */
  readonly sequence: number;
  readonly bets: number;
  /** SHA-256 of the batch's canonical lines, hex. */
  readonly linesHash: string;
  /** The agency's chain head after the batch ({@link ./chain.ts nextHead}), hex. */
  readonly head: string;
}

/** First line of a file of receipts. */
export const RECEIPTS_HEADER = "draw,agency,sequence,bets,lines_sha256,head\n";

/** A receipt as a line of CSV, with its LF. */
export function formatReceipt(receipt: Receipt): string {
  const { draw, agency, sequence, bets, linesHash, head } = receipt;
  return `${[draw, agency, sequence, bets, linesHash, head].join(",")}\n`;
}

export interface Receipts {
  /** Of one agency in one draw: sequences 1, 2, 3 and so on. */
  readonly receipts: readonly Receipt[];
  /** Bytes up to the end of the last whole receipt. What follows was never written whole. */
  readonly wholeBytes: number;
}

/** Why a text is no file of receipts. */
export interface ReceiptsFlaw {
  /** From 1. */
  readonly line: number;
  readonly reason: string;
}

const LINE =
  /^([\w.-]{1,64}),([1-9]\d{0,9}),([1-9]\d{0,14}),([1-9]\d{0,14}),([0-9a-f]{64}),([0-9a-f]{64})$/;

/**
 * Reads a file of receipts: the header, then one receipt a line. Leaves out what was never written whole: a
 * last line without its LF; and, from the first zero byte's line on, what a power cut kept from the disk.
 */
export function parseReceipts(text: string): Receipts | ReceiptsFlaw {
  const [written = ""] = text.split("\0", 1);
  const lines = written.split("\n");
  const rest = lines.pop() ?? "";
  // A power cut may leave a part of the header, then zeros, and receipts behind them; a file of anything else is not
  // ours to cut.
  const isBegun =
    RECEIPTS_HEADER.startsWith(rest) && /^[\0\w.,\n-]*$/.test(text.slice(written.length));
  if (lines.length === 0 && !isBegun) return { line: 1, reason: "is not the header" };
  const receipts: Receipt[] = [];
  for (const [index, line] of lines.entries()) {
    if (index === 0) {
      if (`${line}\n` !== RECEIPTS_HEADER) return { line: 1, reason: "is not the header" };
      continue;
    }
    const receipt = parseReceipt(line);
    if (receipt === undefined) return { line: index + 1, reason: "is not a receipt" };
    const { draw, agency } = receipts[0] ?? receipt;
    if (receipt.draw !== draw || receipt.agency !== agency) {
      return { line: index + 1, reason: "is of another draw or agency than the first receipt" };
    }
    if (receipt.sequence !== index) {
      return { line: index + 1, reason: `is of batch ${receipt.sequence}, not ${index}` };
    }
    receipts.push(receipt);
  }
  return { receipts, wholeBytes: Buffer.byteLength(written) - Buffer.byteLength(rest) };
}

function parseReceipt(line: string): Receipt | undefined {
  const [, draw, agency, sequence, bets, linesHash, head] = LINE.exec(line) ?? [];
  if (draw === undefined || linesHash === undefined || head === undefined) return undefined;
  return {
    draw,
    agency: Number(agency),
    sequence: Number(sequence),
    bets: Number(bets),
    linesHash,
    head,
  };
}
