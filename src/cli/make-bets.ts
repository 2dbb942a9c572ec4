import { type AgencyFile, generateAgencyFiles } from "../generate/agency-files.ts";
import { plural } from "../lottery/plural.ts";
import { CommandFailure, EXIT_USAGE } from "./exit-status.ts";
import { createProgress } from "./progress.ts";
import { formatCount } from "./numbers.ts";

/** How many bets are made up by default: as many as the course's five files have. */
export const BETS_DEFAULT = 78_697;

/** Makes up agencies' files with a progress bar. @throws CommandFailure for fewer bets than agencies */
export async function makeBets(request: {
  readonly dir: string;
  readonly agencies: number;
  readonly bets: number;
  readonly seed: number;
  readonly signal: AbortSignal;
}): Promise<AgencyFile[]> {
  const { agencies, bets } = request;
  if (bets < agencies) {
    throw new CommandFailure(
      `Cannot split ${plural(bets, "bet")} over ${plural(agencies, "agency")}: each needs at least one`,
      EXIT_USAGE,
    );
  }
  const progress = createProgress();
  const bar = progress.add("making bets", bets);
  try {
    return await generateAgencyFiles({
      ...request,
      onProgress: (made) => bar.update(made, plural(made, "bet", formatCount)),
    });
  } finally {
    progress.stop();
  }
}
