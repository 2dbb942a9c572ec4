import { Command } from "commander";
import { type Central, startCentral } from "../central/central.ts";
import { unlessStopped } from "../central/unless-stopped.ts";
import type { CentralConfig } from "../config/central-config.ts";
import { CENTRAL_FILE, loadCentralConfig } from "../config/load-central.ts";
import { CENTRAL_SETTINGS } from "../config/settings.ts";
import { centralConfigured } from "../log/lines.ts";
import { createLogger } from "../log/create-logger.ts";
import type { ConfirmingLogger, Logger } from "../log/logger.ts";
import { dialectNames, dialectsFor, disabledDialects } from "../protocols/dialects.ts";
import type { Publication } from "../store/bet-store.ts";
import type { Delay } from "../store/bet-store.ts";
import { EXIT_FAILURE, EXIT_SUCCESS } from "./exit-status.ts";
import { openStore } from "./open-store.ts";
import { readPipe } from "./read-pipe.ts";
import { addSettings, type ParsedOptions, readFlags } from "./setting-options.ts";
import { addExamples } from "./examples.ts";
import type { Signals } from "./signals.ts";
import { checkMachine } from "./startup-checks.ts";
import { StopRequested } from "./stop-requested.ts";
import { report } from "./supervision.ts";

/** `quiniela central`: takes bets until it is told to stop. */
export function centralCommand(signals: Signals): Command {
  return addExamples(
    addSettings(
      new Command("central").description(
        "take bets from agencies, make them durable, draw once, tell each agency its winners",
      ),
      CENTRAL_SETTINGS,
      "config.ini",
      dialectNames(),
    ).action((options: ParsedOptions) => central(options, signals)),
    [
      [
        "quiniela central --agencies 2 --data-dir ./my-draw/data",
        "Two agencies, and a folder for their draw",
      ],
      [
        "SERVER_MODE=echo quiniela central --port 12346",
        "Send every line back, as in exercises 1 to 4",
      ],
    ],
  );
}

async function central(options: ParsedOptions, signals: Signals): Promise<void> {
  const given = readFlags(CENTRAL_SETTINGS, options);
  const config = loadCentralConfig({
    ...given,
    fileBytes: await readPipe(given.file ?? CENTRAL_FILE),
    env: process.env,
    dialects: dialectNames(),
  });
  process.exitCode = await run(config, signals);
}

/** What the phases of a start work with. */
interface Start {
  readonly config: CentralConfig;
  readonly logger: ConfirmingLogger;
  /** Ends the start, whatever it waits for. */
  readonly stop: AbortSignal;
}

async function run(config: CentralConfig, signals: Signals): Promise<number> {
  const { stop } = signals;
  const logger = createLogger({
    side: "central",
    level: config.loggingLevel,
    format: config.logFormat,
  });
  signals.logTo(logger);
  logger.log("debug", centralConfigured({ ...config, loggingLevel: config.loggingLevelText }));
  try {
    stop.throwIfAborted();
    const fitting = await unlessStopped(stop, checkMachine(config, logger));
    const central = await open({ config: fitting, logger, stop });
    report({ kind: "listening", port: central.address.port });
    const { reason } = await central.stopped;
    logger.log("info", { action: "end", result: reason === "stopped" ? "success" : "fail" });
    return reason === "stopped" ? EXIT_SUCCESS : EXIT_FAILURE;
  } catch (error) {
    if (!(error instanceof StopRequested)) throw error;
    // It was told to stop before it listened, and has done what it was asked to.
    logger.log("info", { action: "stop", result: "success", reason: error.message });
    logger.log("info", { action: "end", result: "success" });
    return EXIT_SUCCESS;
  } finally {
    await logger.close();
  }
}

/** Opens the store and listens. @returns a central that stops when it is told to */
async function open({ config, logger, stop }: Start): Promise<Central> {
  stop.throwIfAborted();
  let central: Central | undefined;
  // It may come while the store is being opened, which can take a while.
  let failure: Error | undefined;
  const opening = openStore(
    config,
    {
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
    },
    stop,
  );
  const store = await unlessStopped(stop, opening, (late) => late.close());
  const started = await startCentral({
    config,
    store,
    dialects: dialectsFor(config),
    disabledDialects: disabledDialects(config),
    logger,
    signal: stop,
  });
  central = started;
  logStart(logger, config, started);
  if (failure !== undefined) started.fail(failure);
  const obey = (): void => void started.stop(String(stop.reason.message));
  if (stop.aborted) obey();
  else stop.addEventListener("abort", obey, { once: true });
  return started;
}

function logDelay(logger: Logger, delay: Delay): void {
  const { kind, what } = delay;
  if (kind === "over") logger.log("info", { action: "wait", result: "success", what });
  else {
    const { reason } = delay;
    logger.log("warning", { action: "wait", result: "in_progress", what, reason });
  }
}

/** Where it listens, and what was there already. */
function logStart(logger: Logger, config: CentralConfig, { address, overview }: Central): void {
  const { state, agencies, withBets, bets, done, waitingFor } = overview;
  logger.log("info", {
    action: "start",
    result: "success",
    address: `${address.address}:${address.port}`,
    draw: config.draw,
    dir: config.dataDir,
    state,
    agencies,
    done,
    with_bets: withBets,
    bets,
    ...(waitingFor === undefined ? {} : { waiting_for: waitingFor }),
  });
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
