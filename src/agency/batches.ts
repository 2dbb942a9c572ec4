import type { Bet } from "../lottery/bet.ts";
import { formatLine } from "../lottery/canonical-line.ts";
import type { BatchMeasure } from "../protocols/agency-link.ts";
import type { BetRow } from "./read-bets.ts";
import { rowError } from "./row.ts";

/** A batch that is cut but has no sequence yet: which one it gets depends on what is refused. */
export interface CutBatch {
  readonly bets: readonly Bet[];
  /** Their canonical lines. */
  readonly lines: Uint8Array;
  /** The file's line of each bet. */
  readonly fileLines: readonly number[];
  /** Whether a bet in it is known to be no valid one: the central refuses the batch. */
  readonly flawed: boolean;
}

/** The file's line on which a batch begins. */
export function firstLine(batch: CutBatch): number {
  return batch.fileLines[0] ?? 0;
}

export interface CutLimits {
  /** Bets in a batch. */
  readonly amountMax: number;
  /** Bytes of a batch's frame, all counted. */
  readonly bytesMax: number;
  readonly measure: BatchMeasure;
  /** The file, for messages. */
  readonly path: string;
}

/**
 * Cuts rows into batches by count and by bytes, whichever is reached first. The same rows and limits
 * always give the same batches: that is how a later run recognises what the central holds.
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
   * @returns the batch before this row, when the row finds no place in it
   * @throws AgencyError ROW_INVALID when the bet alone is too large for a frame
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

  /** @returns what is left, once there are no more rows */
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

/** Cuts everything that `blocks` yields. */
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
