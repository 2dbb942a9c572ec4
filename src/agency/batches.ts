import type { Bet } from "../lottery/bet.ts";
import { formatLine } from "../lottery/canonical-line.ts";
import type { BatchMeasure } from "../protocols/agency-link.ts";
import { type BetRow, rowError } from "./read-bets.ts";

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

export interface CutLimits {
  /** Bets in a batch. */
  readonly amountMax: number;
  /** Bytes of a batch's frame, all counted. */
  readonly bytesMax: number;
  readonly measure: BatchMeasure;
  /** The file, for messages. */
  readonly path: string;
}

interface Piece {
  readonly row: BetRow;
  readonly line: string;
}

/**
 * Cuts rows into batches by count and by bytes, whichever is reached first. The same rows and limits
 * always give the same batches: that is how a later run recognises what the central holds.
 */
export class BatchCutter {
  readonly #limits: CutLimits;
  #pieces: Piece[] = [];
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
      throw rowError(
        path,
        row.fileLine,
        { field: "line", reason },
        "raise batch.maxBytes or shorten it",
      );
    }
    const bytes = measure.betBytes(row.bet, lineBytes, this.#pieces.length);
    const full = this.#pieces.length >= amountMax || this.#bytes + bytes > bytesMax;
    const cut = full ? this.end() : undefined;
    this.#pieces.push({ row, line });
    this.#bytes += full ? firstBytes : bytes;
    return cut;
  }

  /** @returns what is left, once there are no more rows */
  end(): CutBatch | undefined {
    const pieces = this.#pieces;
    this.#pieces = [];
    this.#bytes = this.#limits.measure.overheadBytes;
    return pieces.length === 0 ? undefined : toBatch(pieces);
  }
}

function toBatch(pieces: readonly Piece[]): CutBatch {
  return {
    bets: pieces.map(({ row }) => row.bet),
    lines: Buffer.from(pieces.map(({ line }) => line).join("")),
    fileLines: pieces.map(({ row }) => row.fileLine),
    flawed: pieces.some(({ row }) => row.flawed),
  };
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
