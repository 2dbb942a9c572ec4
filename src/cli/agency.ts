import { Command } from "commander";
import type { AgencyProgress } from "../agency/agency-run.ts";
import { runAgency } from "../agency/run.ts";
import type { AgencyConfig } from "../config/agency-config.ts";
import { loadAgencyConfig } from "../config/load-agency.ts";
import { AGENCY_SETTINGS } from "../config/settings.ts";
import { createLogger } from "../log/create-logger.ts";
import { agencyConfigured } from "../log/lines.ts";
import { AGENCY_DIALERS, agencyDialectNames } from "../protocols/dialects.ts";
import type { AgencyDialer } from "../protocols/agency-link.ts";
import { EXIT_FAILURE, EXIT_SUCCESS } from "./exit-status.ts";
import { besideProgress, createProgress } from "./progress.ts";
import { addSettings, type ParsedOptions, readFlags } from "./setting-options.ts";
import { onStopSignal } from "./signals.ts";
import { report, stopWithParent } from "./supervision.ts";
import { formatCount } from "./terminal.ts";

/** `quiniela agency`: sends an agency's bets and waits for its winners. */
export function agencyCommand(): Command {
  return addSettings(
    new Command("agency").description(
      "send an agency's bets to the central, resume after failures, get its winners",
    ),
    AGENCY_SETTINGS,
    "config.yaml",
    agencyDialectNames(),
  ).action(agency);
}

async function agency(options: ParsedOptions): Promise<void> {
  const config = loadAgencyConfig({
    ...readFlags(AGENCY_SETTINGS, options),
    env: process.env,
    dialects: agencyDialectNames(),
  });
  process.exitCode = await run(config);
}

async function run(config: AgencyConfig): Promise<number> {
  const logger = createLogger({
    side: "agency",
    level: config.logLevel,
    format: config.logFormat,
  });
  logger.log(
    "info",
    agencyConfigured({
      clientId: config.id,
      serverAddress: config.serverAddress,
      loopAmount: config.loopAmount,
      loopPeriod: config.loopPeriod,
      logLevel: config.logLevelText,
    }),
  );
  const stopping = new AbortController();
  const release = onStopSignal(logger, () => stopping.abort());
  stopWithParent(() => stopping.abort());
  // The first line is to stand above the bar.
  logger.flush();
  const progress = createProgress();
  const bar = progress.add(`agency ${config.id}`, 1000);
  try {
    const outcome = await runAgency({
      config,
      dialer: dialerOf(config.dialect),
      logger: besideProgress(logger, progress),
      signal: stopping.signal,
      onProgress: (now) => {
        const fraction = fractionOf(now);
        bar.update(fraction * 1000, `${formatCount(now.bets)} bets`);
        report({ kind: "progress", bets: now.bets, fraction });
      },
    });
    progress.stop();
    const { bets, batches, winners, error } = outcome;
    report({ kind: "outcome", bets, batches, winners });
    if (error === undefined) {
      logger.log("info", { action: "end", result: "success", client_id: config.id });
      return EXIT_SUCCESS;
    }
    const { code, message } = error;
    const failed = { action: "end", result: "fail", client_id: config.id } as const;
    logger.log("error", { ...failed, code, error: message });
    return EXIT_FAILURE;
  } finally {
    progress.stop();
    release();
    await logger.close();
  }
}

function dialerOf(name: string): AgencyDialer {
  const dialer = AGENCY_DIALERS.get(name);
  if (dialer === undefined) throw new RangeError(`Cannot dial: no dialect is called ${name}`);
  return dialer;
}

/** How much of the sending is behind: what is read is nearly what is sent. */
function fractionOf({ phase, bytesRead, fileBytes }: AgencyProgress): number {
  switch (phase) {
    case "connecting":
      return 0;
    case "sending":
      return fileBytes === 0 ? 0 : bytesRead / fileBytes;
    case "awaiting-draw":
    case "finished":
      return 1;
    default:
      return phase satisfies never;
  }
}
