import { encodeLines } from "../lottery/canonical-line.ts";
import { FIRST_HEAD, nextHead } from "../lottery/chain.ts";
import type { Standing } from "../lottery/standing.ts";
import { AgencyError } from "./agency-error.ts";
import type { CutBatch } from "./batches.ts";
import { plural } from "../lottery/plural.ts";

/** How far the sending has come: what the central is known to hold. */
export interface Position {
  /** Sequence of the last stored batch; 0 before the first. */
  readonly sequence: number;
  readonly bets: number;
  /** Chain head after it. */
  readonly head: Uint8Array;
}

export const START: Position = { sequence: 0, bets: 0, head: FIRST_HEAD };

export function positionOf({ nextSequence, bets, head }: Standing): Position {
  return { sequence: nextSequence - 1, bets, head };
}

/** The position once `batch` is stored. */
export function positionAfter(position: Position, batch: CutBatch): Position {
  const sequence = position.sequence + 1;
  const count = batch.bets.length;
  return {
    sequence,
    bets: position.bets + count,
    head: nextHead(position.head, sequence, count, batch.lines),
  };
}

export function samePosition(a: Position, b: Position): boolean {
  return a.sequence === b.sequence && a.bets === b.bets && Buffer.compare(a.head, b.head) === 0;
}

export interface Skipped {
  /**
   * `proven`: the skipped rows are, batch by batch, what the central holds. `unproven`: there are as many,
   * but they differ, or were cut into other batches. `short`: the file has fewer.
   */
  readonly kind: "proven" | "unproven" | "short";
  /** Number of skipped bets: fewer than the central holds when the file is `short`. */
  readonly bets: number;
  /** The bets of the last batch read that were not skipped: they are sent next. */
  readonly rest: CutBatch | undefined;
  /** Batches between the skipped ones that the central does not hold, because it refused them. */
  readonly refused: readonly CutBatch[];
}

/**
 * Skips as many bets as the central holds, and computes their chain head as they are cut now.
 *
 * @param next the batches of the file from its first row
 * @param wasRefused whether the central has refused a batch before; such batches do not count
 * @param onHeld called for each batch that the central holds if the result is `proven`
 */
export async function skipStored(
  next: () => Promise<CutBatch | undefined>,
  target: Position,
  wasRefused: (batch: CutBatch) => boolean,
  onHeld?: (batch: CutBatch, after: Position) => void,
): Promise<Skipped> {
  const refused: CutBatch[] = [];
  let position = START;
  while (position.bets < target.bets) {
    const batch = await next();
    const { bets } = position;
    if (batch === undefined) return { kind: "short", bets, rest: undefined, refused };
    const missing = target.bets - bets;
    if (wasRefused(batch)) {
      refused.push(batch);
    } else if (batch.bets.length > missing) {
      // The file may have grown: its last batch ended here then.
      const held = partOf(batch, 0, missing);
      const end = positionAfter(position, held);
      onHeld?.(held, end);
      const kind = kindOf(end, target);
      return { kind, bets: target.bets, rest: partOf(batch, missing), refused };
    } else {
      position = positionAfter(position, batch);
      onHeld?.(batch, position);
    }
  }
  return { kind: kindOf(position, target), bets: position.bets, rest: undefined, refused };
}

function kindOf(position: Position, target: Position): "proven" | "unproven" {
  return samePosition(position, target) ? "proven" : "unproven";
}

/** The bets of a batch from `start` to `end` (excluded), as a batch. */
function partOf(batch: CutBatch, start: number, end?: number): CutBatch {
  const bets = batch.bets.slice(start, end);
  return {
    bets,
    lines: encodeLines(bets),
    fileLines: batch.fileLines.slice(start, end),
    flawed: batch.flawed,
  };
}

/** The error when the central holds more bets than the file has. */
export function fileTooShort(path: string, bets: number, stored: Position): AgencyError {
  return new AgencyError(
    "RESUME_MISMATCH",
    `Cannot resume: ${path} ends after ${bets} bets, and the central holds ${stored.bets} of this agency in ${stored.sequence} batches; restore the file of the earlier run`,
  );
}

/** The error when the file does not begin with the bets that the central holds. */
export function resumeMismatch(path: string, { bets, sequence }: Position): AgencyError {
  return new AgencyError(
    "RESUME_MISMATCH",
    `Cannot resume: the ${plural(bets, "bet")} in ${plural(sequence, "batch")} that the central holds are not the first rows of ${path} as they are cut now; restore the file and the batch size of the earlier run, or go on after row ${bets} unchecked with --resume trust`,
  );
}
