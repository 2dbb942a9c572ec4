import type { LinkDraw } from "../protocols/agency-link.ts";
import { AgencyError } from "./agency-error.ts";
import { type CutBatch, firstLine } from "./batches.ts";
import { type Position, skipStored } from "./resume.ts";

/** How a file stands to what the central holds of an agency that is done. */
export type Likeness =
  /** Batch by batch what the central holds, and no more. */
  | { readonly kind: "same" }
  /** As many bets, but cut or written otherwise. */
  | { readonly kind: "unproven" }
  /** It ends after fewer bets. */
  | { readonly kind: "shorter"; readonly bets: number }
  /** It goes on after as many bets as the central holds. */
  | { readonly kind: "longer"; readonly fileLine: number; readonly proven: boolean }
  /** It cannot be read to its end. */
  | { readonly kind: "unreadable"; readonly reason: string };

export interface Comparison {
  readonly likeness: Likeness;
  /** Batches that the central refuses, for a bad row in them: they are no difference. */
  readonly refused: readonly CutBatch[];
}

/**
 * Compares a whole file with what the central holds.
 *
 * @param next the batches of the file from its first row
 * @throws whatever `next` throws, except for a row that cannot be sent
 */
export async function compareFile(
  next: () => Promise<CutBatch | undefined>,
  target: Position,
): Promise<Comparison> {
  const refused: CutBatch[] = [];
  try {
    const skipped = await skipStored(next, target, (batch) => batch.flawed);
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

/** The agency is done, and this is not the file that it was done with. */
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
