import { winnersQueried } from "../log/lines.ts";
import type { LinkResults } from "../protocols/agency-link.ts";
import { AgencyError } from "./agency-error.ts";
import type { BetRun } from "./agency-run.ts";

/** Winners that are logged one by one; the others are only counted. */
const LOGGED_MAX = 100;

/**
 * Asks before anything is sent whether the winners can be told to whoever wants them.
 *
 * @throws AgencyError AGENCY_MISCONFIGURED, WINNERS_UNWRITABLE
 */
export async function prepareWinners({ config, dialer, winners }: BetRun): Promise<void> {
  if (winners !== undefined && dialer.drawless === true) {
    throw new AgencyError(
      "AGENCY_MISCONFIGURED",
      `Cannot tell winners: ${config.dialect} knows no draw; choose another dialect, or leave winners.file out`,
    );
  }
  await winners?.prepare();
}

/**
 * Tells what the draw brought: in the log, and to whoever asked for the winners.
 *
 * @throws AgencyError WINNERS_UNWRITABLE
 */
export async function tellWinners(run: BetRun, results: LinkResults): Promise<void> {
  const { config, logger, winners: sink } = run;
  const { winners } = results;
  logger.log("info", winnersQueried(winners.length));
  if (logger.enabled("debug")) {
    const told = { action: "winner", result: "success", client_id: config.id } as const;
    for (const document of winners.slice(0, LOGGED_MAX)) {
      logger.log("debug", { ...told, document });
    }
    const more = winners.length - LOGGED_MAX;
    if (more > 0) logger.log("debug", { ...told, more });
  }
  await sink?.deliver(results);
}
