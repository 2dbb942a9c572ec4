import { winnersQueried } from "../log/mandated-lines.ts";
import type { LinkResults } from "../protocols/agency-link.ts";
import { AgencyError } from "./agency-error.ts";
import type { BetRun } from "./agency-run.ts";

/** So many winners are logged one by one; the others are only counted. */
const LOGGED_MAX = 100;

/**
 * Checks, before anything is sent, that the winners can be delivered.
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
 * Logs the results, and delivers the winners to the configured sink.
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
