import type { Bet } from "../lottery/bet.ts";
import { formatLine } from "../lottery/canonical-line.ts";
import type { BatchMeasure } from "../protocols/agency-link.ts";
import type { BetRow } from "./read-bets.ts";
import { rowError } from "./row.ts";

/** A batch without a sequence: which one it gets depends on which batches before it are refused. */
export interface CutBatch {
  readonly bets: readonly Bet[];
  /** Their canonical lines. */
  readonly lines: Uint8Array;
  /** The file's line of each bet. */
  readonly fileLines: readonly number[];
  /** Whether a bet in it is known to be invalid, so that the central refuses the batch. */
  readonly flawed: boolean;
}

/** The file's line on which a batch begins. */
export function firstLine(batch: CutBatch): number {
  return batch.fileLines[0] ?? 0;
}

export interface CutLimits {
  /** The most bets in a batch. */
  readonly amountMax: number;
  /** The most bytes of a batch's whole frame. */
  readonly bytesMax: number;
  readonly measure: BatchMeasure;
  /** The file, for messages. */
  readonly path: string;
}

/**
 * Cuts rows into batches by count and by bytes, whichever limit is reached first. The same rows and limits
 * always give the same batches, so that a later run recognises what the central holds.
 */
export class BatchCutter {
  readonly #limits: CutLimits;
  #bets: Bet[] = [];
  #fileLines: number[] = [];
  #lines = "";
  #flawed = false;
  #bytes: number;

  constructor(limits: CutLimits) {
    this.#limits = limits;
    this.#bytes = limits.measure.overheadBytes;
  }

  /**
   * @returns the finished batch before this row, when the row does not fit into it
   * @throws AgencyError ROW_INVALID when the bet alone does not fit into a frame
   */
  add(row: BetRow): CutBatch | undefined {
    const { amountMax, bytesMax, measure, path } = this.#limits;
    const line = formatLine(row.bet);
    const lineBytes = Buffer.byteLength(line);
    const firstBytes = measure.betBytes(row.bet, lineBytes, 0);
    const aloneBytes = measure.overheadBytes + firstBytes;
    if (aloneBytes > bytesMax) {
      const reason = `takes a batch of ${aloneBytes} bytes where ${bytesMax} are allowed`;
      throw rowError(path, row.fileLine, {
        flaw: { field: "line", reason },
        advice: "raise batch.maxBytes or shorten it",
      });
    }
    const bytes = measure.betBytes(row.bet, lineBytes, this.#bets.length);
    const full = this.#bets.length >= amountMax || this.#bytes + bytes > bytesMax;
    const cut = full ? this.end() : undefined;
    this.#bets.push(row.bet);
    this.#fileLines.push(row.fileLine);
    this.#lines += line;
    this.#flawed ||= row.flawed;
    this.#bytes += full ? firstBytes : bytes;
    return cut;
  }

  /** Call it after the last row. @returns the last batch */
  end(): CutBatch | undefined {
    if (this.#bets.length === 0) return undefined;
    const cut = {
      bets: this.#bets,
      lines: Buffer.from(this.#lines),
      fileLines: this.#fileLines,
      flawed: this.#flawed,
    };
    this.#bets = [];
    this.#fileLines = [];
    this.#lines = "";
    this.#flawed = false;
    this.#bytes = this.#limits.measure.overheadBytes;
    return cut;
  }
}

/** Cuts all rows of `blocks` into batches. */
export async function* cutBatches(
  blocks: AsyncIterable<readonly BetRow[]>,
  limits: CutLimits,
): AsyncGenerator<CutBatch> {
  const cutter = new BatchCutter(limits);
  for await (const rows of blocks) {
    for (const row of rows) {
      const cut = cutter.add(row);
      if (cut !== undefined) yield cut;
    }
  }
  const last = cutter.end();
  if (last !== undefined) yield last;
}
