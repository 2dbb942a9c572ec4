import { Command } from "commander";
import { type Central, startCentral } from "../central/central.ts";
import type { CentralConfig } from "../config/central-config.ts";
import { loadCentralConfig } from "../config/load-central.ts";
import { CENTRAL_SETTINGS } from "../config/settings.ts";
import { centralConfigured } from "../log/lines.ts";
import { createLogger } from "../log/create-logger.ts";
import type { Logger } from "../log/logger.ts";
import { dialectNames, dialectsFor, disabledDialects } from "../protocols/dialects.ts";
import type { Publication } from "../store/bet-store.ts";
import type { Delay } from "../store/delay.ts";
import { EXIT_FAILURE, EXIT_SUCCESS } from "./exit-status.ts";
import { openStore } from "./open-store.ts";
import { addSettings, type ParsedOptions, readFlags } from "./setting-options.ts";
import { onStopSignal } from "./signals.ts";
import { checkMachine } from "./startup-checks.ts";
import { report, stopWithParent } from "./supervision.ts";

/** `quiniela central`: takes bets until it is told to stop. */
export function centralCommand(): Command {
  return addSettings(
    new Command("central").description(
      "take bets from agencies, make them durable, draw once, tell each agency its winners",
    ),
    CENTRAL_SETTINGS,
    "config.ini",
    dialectNames(),
  ).action(central);
}

async function central(options: ParsedOptions): Promise<void> {
  const config = loadCentralConfig({
    ...readFlags(CENTRAL_SETTINGS, options),
    env: process.env,
    dialects: dialectNames(),
  });
  process.exitCode = await run(config);
}

async function run(asked: CentralConfig): Promise<number> {
  const logger = createLogger({
    side: "central",
    level: asked.loggingLevel,
    format: asked.logFormat,
  });
  logger.log("debug", centralConfigured({ ...asked, loggingLevel: asked.loggingLevelText }));
  let central: Central | undefined;
  // Both may come while the store is being opened, which can take a while.
  let failure: Error | undefined;
  let stopReason: string | undefined;
  const stop = (reason: string): void => {
    stopReason ??= reason;
    void central?.stop(reason);
  };
  const release = onStopSignal(logger, stop);
  stopWithParent(() => stop("the parent process is gone"));
  try {
    const config = await checkMachine(asked, logger);
    const store = await openStore(config, {
      onFailure: (error) => {
        failure = error;
        central?.fail(error);
      },
      onTornTail: ({ file, offset, bytes }) => {
        const cut = { action: "cut_torn_tail", result: "success" } as const;
        logger.log("warning", { ...cut, file, offset, bytes });
      },
      onDelay: (delay) => logDelay(logger, delay),
      onPublication: (publication) => {
        logPublication(logger, publication);
        if (publication.kind === "written") report({ kind: "published" });
      },
    });
    const started = await startCentral({
      config,
      store,
      dialects: dialectsFor(config),
      disabledDialects: disabledDialects(config),
      logger,
    });
    central = started;
    if (failure !== undefined) started.fail(failure);
    else if (stopReason !== undefined) void started.stop(stopReason);
    report({ kind: "listening", port: started.address.port });
    const { reason } = await started.stopped;
    logger.log("info", { action: "end", result: reason === "stopped" ? "success" : "fail" });
    return reason === "stopped" ? EXIT_SUCCESS : EXIT_FAILURE;
  } finally {
    release();
    await logger.close();
  }
}

function logDelay(logger: Logger, delay: Delay): void {
  const { kind, what } = delay;
  if (kind === "over") logger.log("info", { action: "wait", result: "success", what });
  else {
    const { reason } = delay;
    logger.log("warning", { action: "wait", result: "in_progress", what, reason });
  }
}

function logPublication(logger: Logger, publication: Publication): void {
  const action = "publish_draw";
  if (publication.kind === "written") {
    logger.log("info", { action, result: "success", dir: publication.dir });
  } else {
    const reason = "stopped before bets.csv was whole; the next start on this draw writes it";
    logger.log("warning", { action, result: "in_progress", reason });
  }
}
