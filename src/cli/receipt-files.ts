import { readFile } from "node:fs/promises";
import { parseReceipts, type Receipt } from "../lottery/receipt.ts";
import { CommandFailure } from "./exit-status.ts";

/** The bytes at the end of a file of receipts that were never a whole receipt. */
export interface LeftOut {
  readonly file: string;
  readonly bytes: number;
}

export interface ReceiptFiles {
  readonly receipts: readonly Receipt[];
  readonly leftOut: readonly LeftOut[];
}

/**
 * Reads agencies' files of receipts.
 *
 * @throws CommandFailure when one cannot be read, is none of receipts, or is of another draw
 */
export async function readReceiptFiles(
  paths: readonly string[],
  draw: string,
): Promise<ReceiptFiles> {
  const receipts: Receipt[][] = [];
  const leftOut: LeftOut[] = [];
  for (const file of paths) {
    const read = await readReceipts(file, draw);
    receipts.push(read.receipts);
    if (read.bytes > 0) leftOut.push({ file, bytes: read.bytes });
  }
  return { receipts: receipts.flat(), leftOut };
}

async function readReceipts(
  path: string,
  draw: string,
): Promise<{ readonly receipts: Receipt[]; readonly bytes: number }> {
  const cannot = (reason: string): CommandFailure =>
    new CommandFailure(`Cannot use ${path} as receipts: ${reason}`);
  const content = await readFile(path).catch((error: unknown) => {
    throw cannot(error instanceof Error ? error.message : String(error));
  });
  const parsed = parseReceipts(content.toString("latin1"));
  if ("reason" in parsed) throw cannot(`line ${parsed.line} ${parsed.reason}`);
  const { receipts, wholeBytes } = parsed;
  if (wholeBytes === 0) throw cannot("it has no header of receipts");
  const [first] = receipts;
  if (first !== undefined && first.draw !== draw) {
    throw cannot(`they are of draw ${first.draw}, and this is draw ${draw}`);
  }
  return { receipts: [...receipts], bytes: content.length - wholeBytes };
}
