import type { LinkDraw } from "../protocols/agency-link.ts";
import { AgencyError } from "./agency-error.ts";
import { type CutBatch, firstLine } from "./batches.ts";
import { type Position, skipStored } from "./resume.ts";

/** How a file compares with the bets that the central holds of an agency that is done. */
export type Likeness =
  /** The file has, batch by batch, what the central holds, and no more. */
  | { readonly kind: "same" }
  /** The file has as many bets, but they differ, or are cut into other batches. */
  | { readonly kind: "unproven" }
  /** The file ends after fewer bets. */
  | { readonly kind: "shorter"; readonly bets: number }
  /** The file has more bets than the central holds. */
  | { readonly kind: "longer"; readonly fileLine: number; readonly proven: boolean }
  /** The file cannot be read to its end. */
  | { readonly kind: "unreadable"; readonly reason: string };

export interface Comparison {
  readonly likeness: Likeness;
  /** Batches that the central refuses because of a bad row: they do not count as a difference. */
  readonly refused: readonly CutBatch[];
}

/**
 * Compares a whole file with what the central holds.
 *
 * @param next the batches of the file from its first row
 * @param onHeld as in {@link skipStored}
 * @throws errors of `next`, except for a row that cannot be sent
 */
export async function compareFile(
  next: () => Promise<CutBatch | undefined>,
  target: Position,
  onHeld?: (batch: CutBatch, after: Position) => void,
): Promise<Comparison> {
  const refused: CutBatch[] = [];
  try {
    const skipped = await skipStored(next, target, (batch) => batch.flawed, onHeld);
    refused.push(...skipped.refused);
    if (skipped.kind === "short") {
      return { likeness: { kind: "shorter", bets: skipped.bets }, refused };
    }
    const proven = skipped.kind === "proven";
    for (let batch = skipped.rest ?? (await next()); batch !== undefined; batch = await next()) {
      if (!batch.flawed) {
        return { likeness: { kind: "longer", fileLine: firstLine(batch), proven }, refused };
      }
      refused.push(batch);
    }
    return { likeness: { kind: proven ? "same" : "unproven" }, refused };
  } catch (error) {
    if (!(error instanceof AgencyError) || error.code !== "ROW_INVALID") throw error;
    return { likeness: { kind: "unreadable", reason: error.message }, refused };
  }
}

/** The error when the agency is done, with another file than this one. */
export function fileDiffers(
  path: string,
  { likeness, refused }: Comparison,
  stored: Position,
  draw: LinkDraw | undefined,
): AgencyError {
  const held = `${stored.bets} bets in ${stored.sequence} batches`;
  const leftOut =
    refused.length === 0 ? "" : ` (without ${refused.length} batches that have a bad row)`;
  return new AgencyError(
    "FILE_DIFFERS",
    `Cannot take part with ${path}: this agency is done already, with ${held} at the central, and ${differenceOf(path, likeness, stored)}${leftOut}; ${adviceFor(likeness, draw)}`,
  );
}

function differenceOf(path: string, likeness: Likeness, { bets }: Position): string {
  switch (likeness.kind) {
    case "same":
      throw new RangeError("Cannot tell a difference: there is none");
    case "unproven":
      return `the file has as many, but other ones or cut otherwise`;
    case "shorter":
      return `the file ends after ${likeness.bets}`;
    case "longer": {
      const first = likeness.proven ? "" : ", and the first ones are others or cut otherwise";
      return `the file has bets beyond those ${bets}, from ${path}:${likeness.fileLine}${first}`;
    }
    case "unreadable":
      return `the file has a row that cannot be sent: ${likeness.reason}`;
    default:
      return likeness satisfies never;
  }
}

function adviceFor(likeness: Likeness, draw: LinkDraw | undefined): string {
  const trust =
    likeness.kind === "unproven" ? ", or accept these bets unchecked with --resume trust" : "";
  return `${stateOf(draw)}: send another file to another draw, with --draw at a central that holds it, or restore the file and the batch size to hear the winners${trust}`;
}

function stateOf(draw: LinkDraw | undefined): string {
  if (draw === undefined) return "this draw takes no more bets of it";
  const { name, state } = draw;
  return state === "open"
    ? `draw ${name} is still open, but takes no more bets of an agency that is done`
    : `draw ${name} is ${state}, so that it is too late for other bets`;
}
